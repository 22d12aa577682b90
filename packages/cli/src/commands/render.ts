import { builtinScope, printable, stringifyJson } from '@homeostat/kube';
import { render, resolveScopes, toYaml } from '@homeostat/render';
import { exitCode } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import type { Io } from '../io.ts';
import { openSource } from '../open-source.ts';
import { printFinding } from '../print-report.ts';
import { painter, usesColor } from '../style.ts';
import { requestedSync } from '../sync-options.ts';
import type { SyncOptions } from '../sync-options.ts';

/** Prints the objects that the source wants. Needs no cluster: scopes of kinds come from a table of the built-in ones. */
export async function renderCommand(repository: string | undefined, options: SyncOptions, io: Io): Promise<ExitCode> {
  const { sync, source: document } = await requestedSync(
    repository,
    { ...options, name: options.name ?? 'render' },
    undefined,
  );
  const source = openSource(document, io);
  try {
    const revision = await source.resolve({ signal: io.signal });
    const { tree } = await source.fetch(revision, { signal: io.signal });
    const rendered = await render(tree, sync.render, { commit: revision.commit, signal: io.signal });
    const { objects, findings, complete } = resolveScopes(rendered, {
      scopeOf: builtinScope,
      namespace: sync.namespace,
    });
    const paint = painter(usesColor(io, io.stderr));
    for (const finding of findings) io.stderr.write(`${printFinding(finding, paint)}\n`);
    const shown = objects.map(({ object, origin }) => ({ object: printable(object), origin }));
    io.stdout.write(
      options.output === 'json'
        ? `${stringifyJson({ revision, complete, findings, objects: shown }, 2)}\n`
        : shown.map(({ object, origin }) => `---\n# ${origin.path}:${origin.line}\n${toYaml(object)}`).join(''),
    );
    return complete ? exitCode.done : exitCode.failed;
  } finally {
    await source.close();
  }
}
