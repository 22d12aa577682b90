import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from 'homeostat';
import type { Output } from 'homeostat';
import { loadHealthRules } from '@homeostat/reconcile';
import { parseSync } from '@homeostat/reconcile/schema';
import { parseYaml } from '@homeostat/render';
import { isSaid } from './said.ts';

/** Where the pages of the guide are played: a folder, and what a reader has at hand in it. */
export interface Stage {
  readonly folder: string;
  readonly env: Record<string, string>;
  /** Plays `kubectl`, where there is none. */
  readonly kubectl?: (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<Said>;
  /** What runs in the background; the last one is what `$!` means. */
  readonly jobs: { readonly stop: () => Promise<unknown> }[];
}

export interface Said {
  readonly code: number;
  readonly text: string;
}

/**
 * Plays the blocks of a page in their order, as a reader would who copies them:
 *
 * - `yaml` whose first line is a comment with a path is the file of that path; any other has to be a part of a sync document;
 * - `sh` is run line by line with bash, `homeostat` in this process. Each line has to end with 0, or as a comment `# exit code N` behind
 *   it says. A line that ends with `&` stays, and is waited for until it has said something;
 * - `text` right behind `sh` is what that says: on both streams, what runs in the background included. `…` alone stands for any lines.
 *   Times, ages, commits and digests may differ. What does not fit is replaced by what was said.
 *
 * @returns the page: the same text if all was as it shows.
 * @throws where a line ends otherwise than it should, and where a block means nothing.
 */
export async function play(page: string, stage: Stage): Promise<string> {
  let said: Terminal | undefined;
  const terminal = createTerminal();
  const parts: string[] = [];
  let end = 0;
  for (const match of page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)) {
    const [whole, language = '', body = ''] = match;
    parts.push(page.slice(end, match.index));
    end = match.index + whole.length;
    if (language === 'text') {
      if (said === undefined) throw new Error(`nothing says this:\n${body}`);
      parts.push(`\`\`\`text\n${(await isSaidInTime(body, said, stage)) ? body : said.text()}\`\`\``);
    } else {
      parts.push(whole);
    }
    said = language === 'sh' ? terminal : undefined;
    if (language === 'sh') await runBlock(body, stage, terminal);
    else if (language === 'yaml') await takeYaml(body, stage);
    else if (language !== 'ts' && language !== 'text')
      throw new Error(`nobody plays a block of "${language}":\n${body}`);
  }
  return [...parts, page.slice(end)].join('');
}

/** What a reader sees. */
interface Terminal extends Output {
  text(): string;
  clear(): void;
}

function createTerminal(): Terminal {
  let text = '';
  return {
    isTTY: false,
    write: (more) => void (text += more),
    text: () => text.replace(/([^\n])$/, '$1\n'),
    clear: () => void (text = ''),
  };
}

/** What runs in the background takes its time. */
async function isSaidInTime(body: string, terminal: Terminal, { jobs }: Stage): Promise<boolean> {
  for (let attempt = 0; !isSaid(body, terminal.text(), { anyOrder: jobs.length > 1 }); attempt += 1) {
    if (jobs.length <= 1 || attempt === 800) return false;
    await sleep(25);
  }
  return true;
}

async function takeYaml(body: string, { folder }: Stage): Promise<void> {
  const path = /^# (\S+\.ya?ml)$/m.exec(body.split('\n', 1)[0] ?? '')?.[1];
  if (path === undefined) {
    const [document] = parseYaml(body).documents;
    const whole = { name: 'a', source: { url: 'a' }, ...(document?.value as object) };
    const { sync } = parseSync(whole, { where: 'a part of a sync document', namespace: 'a' });
    await loadHealthRules(sync.policy.health);
    return;
  }
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), body);
}

async function runBlock(body: string, stage: Stage, terminal: Terminal): Promise<void> {
  terminal.clear();
  for (const line of body.replaceAll('\\\n', ' ').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const expected = Number(/ # exit code (\d+)/.exec(line)?.[1] ?? 0);
    const code = await runLine(line, stage, terminal);
    if (code !== expected) throw new Error(`exit code ${code} from: ${line}\n${terminal.text()}`);
  }
}

async function runLine(line: string, stage: Stage, terminal: Terminal): Promise<number> {
  const { env, jobs } = stage;
  const exported = /^export (\w+)=(.*)$/.exec(line);
  if (exported !== null) {
    const [, name = '', value = ''] = exported;
    env[name] = (await bash(`printf %s ${value}`, stage)).text;
    return 0;
  }
  if (line === 'kill $!') {
    await jobs.pop()?.stop();
    return 0;
  }
  const program = /^(homeostat|kubectl) /.exec(line)?.[1];
  if (program === 'homeostat') return runHomeostat(line, stage, terminal);
  if (program === 'kubectl' && stage.kubectl !== undefined) {
    const { code, text } = await stage.kubectl(await argumentsOf(line, stage), env);
    terminal.write(text);
    return code;
  }
  const { code, text } = await bash(line, stage);
  terminal.write(text);
  return code;
}

async function runHomeostat(line: string, stage: Stage, terminal: Terminal): Promise<number> {
  const stays = line.endsWith(' &');
  const stopping = new AbortController();
  const { promise: spoke, resolve } = Promise.withResolvers<void>();
  const output: Output = {
    isTTY: false,
    write: (text) => {
      terminal.write(text);
      resolve();
    },
  };
  const args = await argumentsOf(line.replace(/ &$/, ''), stage);
  const running = runProgram(args, { env: stage.env, stdout: output, stderr: output, signal: stopping.signal });
  if (!stays) return running;
  stage.jobs.push({
    stop: () => {
      stopping.abort();
      return running;
    },
  });
  await Promise.race([spoke, running]);
  return 0;
}

/** As bash reads them. */
async function argumentsOf(line: string, stage: Stage): Promise<readonly string[]> {
  const { text } = await bash(`homeostat() { printf '%s\\0' "$@"; }; kubectl() { homeostat "$@"; }; ${line}`, stage);
  return text.split('\0').slice(0, -1);
}

/** In a process of its own, which may well talk to a server that runs in this one. */
async function bash(script: string, { env, folder }: Stage): Promise<Said> {
  const child = spawn('bash', ['-c', `exec 2>&1; ${script}`], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, text };
}
