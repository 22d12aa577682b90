import { createPrivateKey, X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN ([^\r\n-]+)-----[^-]*-----END \1-----/g;

interface Block {
  readonly type: string;
  readonly text: string;
}

/** What speaks against a certificate and a key in PEM, in the words of Go's TLS; `undefined` when they belong together. */
export function tlsPairProblem(certificate: string, key: string): string | undefined {
  const certificates = blocksOf(certificate);
  const leaf = certificates.find(({ type }) => type === 'CERTIFICATE');
  if (leaf === undefined) return noCertificate(certificates.map(({ type }) => type));
  const keys = blocksOf(key);
  const secret = keys.find(({ type }) => isKey(type));
  if (secret === undefined) return noKey(keys.map(({ type }) => type));
  const parsed = attempt(() => new X509Certificate(leaf.text));
  if (parsed === undefined) return 'x509: malformed certificate';
  const own = attempt(() => createPrivateKey(secret.text));
  if (own === undefined) return 'tls: failed to parse private key';
  if (own.asymmetricKeyType !== parsed.publicKey.asymmetricKeyType)
    return 'tls: private key type does not match public key type';
  return parsed.checkPrivateKey(own) ? undefined : 'tls: private key does not match public key';
}

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(BLOCK)].map(([block, type = '']) => ({ type, text: block }));
}

function isKey(type: string): boolean {
  return type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY');
}

function noCertificate(others: readonly string[]): string {
  const [first] = others;
  if (first === undefined) return 'tls: failed to find any PEM data in certificate input';
  if (others.length === 1 && first.endsWith('PRIVATE KEY'))
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${others.join(' ')}]`;
}

function noKey(others: readonly string[]): string {
  const [first] = others;
  if (first === undefined) return 'tls: failed to find any PEM data in key input';
  if (others.length === 1 && first === 'CERTIFICATE')
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${others.join(' ')}]`;
}

/** Whatever OpenSSL says against it, Go says otherwise. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
