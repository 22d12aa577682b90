import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '@homeostat/kube';
import { applyCommand } from './commands/apply.ts';
import { confirmCommand } from './commands/confirm.ts';
import { destroyCommand } from './commands/destroy.ts';
import { diffCommand } from './commands/diff.ts';
import { planCommand } from './commands/plan.ts';
import { renderCommand } from './commands/render.ts';
import { resumeCommand } from './commands/resume.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { statusCommand } from './commands/status.ts';
import { suspendCommand } from './commands/suspend.ts';
import { syncNowCommand } from './commands/sync-now.ts';
import { syncCommand } from './commands/sync.ts';
import { exitCode, UsageError } from './exit.ts';
import type { ExitCode } from './exit.ts';
import type { Io } from './io.ts';
import { painter, usesColor } from './style.ts';

/**
 * Runs one command line and says how the process should end. Errors are printed here, once: `code` and message, which says
 * what, where and what to do next.
 */
export async function runProgram(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = buildProgram(io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, io);
  }
}

function explain(error: unknown, { stderr, env }: Io): ExitCode {
  // Commander has printed its message, and help is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
  const paint = painter(usesColor({ env }, stderr));
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (error instanceof UsageError) {
    stderr.write(`${paint('red', 'error')}: ${error.message}\n`);
    return exitCode.usage;
  }
  if (typeof code === 'string' && typeof message === 'string') {
    stderr.write(`${paint('red', 'error')}: ${message} ${paint('dim', `[${code}]`)}\n`);
    return code === 'SYNC_INVALID' || code === 'SYNC_KNOWN' || code === 'IDENTITY_REFUSED'
      ? exitCode.usage
      : exitCode.failed;
  }
  throw error;
}

function buildProgram(io: Io, finish: (code: ExitCode) => void): Command {
  const program = new Command('homeostat')
    .description('Makes a Kubernetes cluster equal to a Git repository.')
    .version('0.1.0')
    .showHelpAfterError('(homeostat --help shows what there is)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) });

  const command = (usage: string, description: string): Command =>
    program
      .command(usage)
      .description(description)
      .option(
        '--kubeconfig <file>',
        "kubeconfig (default: KUBECONFIG, then ~/.kube/config, then the pod's own account)",
      )
      .option('--context <name>', 'context of the kubeconfig (default: its current one)')
      .option('--as <user>', 'make every request as this user')
      .option('--as-group <group>', 'and as a member of this group (may be repeated)', collect)
      .option('--as-uid <uid>', 'and with this uid')
      .addOption(output());

  const syncing = (usage: string, description: string, file = oneDocument()): Command =>
    command(usage, description)
      .addOption(file)
      .option('--name <name>', 'the identity of the set (required, here or in the document)')
      .option('--namespace <namespace>', 'where the parent lives, and the namespace of objects that name none')
      .option('--ref <ref>', 'branch, tag, full ref name or commit (default: the default branch)')
      .option('--path <folder>', 'folder in the repository (default: its root)')
      .option('--directory', 'the repository is a plain directory')
      .option(
        '--git-token-file <file>',
        "access token for the repository (or HOMEOSTAT_GIT_TOKEN, or Git's credential helper)",
      )
      .option(
        '--default-service-account <name>',
        'act on objects only as a service account of the namespace of the sync: the one that it names, or this one',
      )
      .option('--take-over', 'give a set that another source made to this one')
      .option('--allow-empty', 'consent to prune everything when the source names nothing')
      .option('--no-prune', 'delete nothing');

  syncing('sync [repository]', 'make the cluster equal to the repository, and keep it so', manyDocuments())
    .option('--once', 'one pass, then end')
    .option('--no-wait', 'with --once: end when everything is written, not when everything is ready')
    .option('--force', 'with --once: even while another engine keeps the set in sync')
    .option(
      '--metrics <address>',
      'serve /metrics, /healthz and /readyz there: PORT of 127.0.0.1, or HOST:PORT (default: nowhere)',
    )
    .action(async (repository, options) => finish(await syncCommand(repository, options, io)));
  syncing('plan [repository]', 'show what sync would do (exit code 2 if anything)')
    .option('--out <file>', 'also write the plan, for homeostat apply')
    .action(async (repository, options) => finish(await planCommand(repository, options, io)));
  command('apply <plan>', 'carry out a plan exactly as it was shown')
    .option('--git-token-file <file>', 'access token for the repository')
    .option('--force', 'even while another engine keeps the set in sync')
    .action(async (plan, options) => finish(await applyCommand(plan, options, io)));
  syncing('diff [repository]', 'show how objects in the cluster would change (exit code 2 if any)').action(
    async (repository, options) => finish(await diffCommand(repository, options, io)),
  );
  syncing('render [repository]', 'print the objects that the repository wants; needs no cluster').action(
    async (repository, options) => finish(await renderCommand(repository, options, io)),
  );
  const about = (usage: string, description: string): Command =>
    command(usage, description)
      .requiredOption('--name <name>', 'the identity of the set')
      .option('--namespace <namespace>', 'where its parent lives');

  about('confirm', 'show the deletions of a set that are held, and let them happen')
    .option('--digest <digest>', 'only if what is held is still this')
    .option('--yes', 'confirm what is shown, instead of only showing it')
    .action(async (options) => finish(await confirmCommand(options, io)));
  about('suspend', 'have every engine leave a set alone').action(async (options) =>
    finish(await suspendCommand(options, io)),
  );
  command('rollback [name]', 'have every engine apply a commit, and nothing newer until resume')
    .option('--name <name>', 'the identity of the set')
    .option('--namespace <namespace>', 'where its parent lives')
    .requiredOption('--to <revision>', 'a whole commit id, or a revision as status prints it (main@sha1:…)')
    .option('--reason <text>', 'why, for whoever looks at the set')
    .action(async (name, options) => finish(await rollbackCommand(name, options, io)));
  about('resume', 'end suspend and rollback').action(async (options) => finish(await resumeCommand(options, io)));
  about('sync-now', 'have the engine that keeps a set look at everything now, and show its report')
    .option('--no-wait', 'do not wait for the report')
    .option('--timeout <duration>', 'how long to wait for it', parseTime, 300_000)
    .action(async (options) => finish(await syncNowCommand(options, io)));
  command('status', 'show the objects of a set and whether they are ready')
    .option('--name <name>', 'the identity of the set')
    .option('-f, --file <file>', 'its sync document, which names it and has its health rules')
    .option('--namespace <namespace>', 'where its parent lives')
    .action(async (options) => finish(await statusCommand(options, io)));
  command('destroy', 'delete the objects of a set, and its parent')
    .requiredOption('--name <name>', 'the identity of the set')
    .option('--namespace <namespace>', 'where its parent lives')
    .option('--orphan', 'leave the objects in the cluster, and take our marks off them')
    .option('--prune-kinds <kinds>', 'protected kinds that may go too, as Namespace,PersistentVolumeClaim')
    .option('--yes', 'do it, instead of saying what would be done')
    .option(
      '--force',
      'even while an engine keeps the set in sync, which would make it anew, or other sets depend on it',
    )
    .action(async (options) => finish(await destroyCommand(options, io)));
  program
    .command('apiserver')
    .description('run a Kubernetes API server in memory, for tests and first steps')
    .option('--simulate', 'play Deployments, Jobs and their Pods, as if there were nodes')
    .option('--port <number>', 'where to listen on 127.0.0.1', parsePort, 0)
    .option('--kubeconfig <file>', 'where to write its kubeconfig (default: a temporary file)')
    .addOption(output())
    .action(async (options) => {
      // No other command pays for loading a server.
      const { apiserverCommand } = await import('./commands/apiserver.ts');
      finish(await apiserverCommand(options, io));
    });
  return program;
}

function oneDocument(): Option {
  return new Option('-f, --file <file>', 'a sync document instead of, or under, the flags');
}

function manyDocuments(): Option {
  const what = 'sync documents instead of, or under, the flags: a file, or a directory of them (may be repeated)';
  return new Option('-f, --file <file>', what).argParser(collect);
}

function output(): Option {
  return new Option('--output <format>', 'how to print').choices(['text', 'json']).default('text');
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function parseTime(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It is a duration, as 30s or 10m.');
  return ms;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It is a number up to 65535; 0 takes any that is free.');
  return port;
}
