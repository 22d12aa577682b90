#!/usr/bin/env node
import process from 'node:process';
import { exitCode } from './exit.ts';
import { runProgram } from './program.ts';

const stopping = new AbortController();
let stopped: 'SIGINT' | 'SIGTERM' | undefined;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    stopped = name;
    stopping.abort(new Error(`stopped by ${name}`));
  });
}

const code = await runProgram(process.argv.slice(2), {
  env: process.env,
  stdout: { isTTY: process.stdout.isTTY, write: (text) => void process.stdout.write(text) },
  stderr: { isTTY: process.stderr.isTTY, write: (text) => void process.stderr.write(text) },
  signal: stopping.signal,
});
process.exitCode = stopped === undefined ? code : stopped === 'SIGINT' ? exitCode.interrupted : exitCode.terminated;
