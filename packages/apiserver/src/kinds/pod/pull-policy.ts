/**
 * The pull policy of an image whose author chose none: `Always` for what may change under the same name (no tag and no
 * digest, or the tag `latest`), else `IfNotPresent`. What is no image name at all gets `IfNotPresent` too.
 */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return tagOf(image) === 'latest' ? 'Always' : 'IfNotPresent';
}

// The grammar of references, as in github.com/distribution/reference.
const HOST_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = new RegExp(`^(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REST = new RegExp(`^${PATH_PART}(?:/${PATH_PART})*(?::(\\w[\\w.-]{0,127}))?(?:@(${DIGEST}))?$`);
const IMAGE_ID = /^[a-f0-9]{64}$/;

function tagOf(image: string): string | undefined {
  if (IMAGE_ID.test(image)) return undefined;
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  // `library/nginx` has no registry: a registry is recognised by its dot, its port, its capitals, or by being localhost.
  const hasHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  if (hasHost && !HOST.test(first)) return undefined;
  const match = REST.exec(hasHost ? image.slice(slash + 1) : image);
  if (match === null) return undefined;
  return match[1] ?? (match[2] === undefined ? 'latest' : undefined);
}
