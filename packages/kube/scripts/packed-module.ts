import type { KubeData } from '../src/data/kube-data.ts';

/** The text of src/data/packed.ts: JSON in a string, one component or resource a line, so that changes show in review. */
export function packedModule(data: KubeData): string {
  const text = JSON.stringify(data)
    .replaceAll('},"io.', '},\n"io.')
    .replaceAll('{"plural":', '\n{"plural":')
    // What would end a template; both occur in strings alone.
    .replaceAll('`', String.raw`\u0060`)
    .replaceAll('${', String.raw`$\u007b`);
  return `// Written by scripts/generate-data.ts from the answers of Kubernetes ${data.version}: do not edit.

/** A KubeData as JSON. */
export const PACKED: string = String.raw\`${text}\`;
`;
}
