import { expect } from 'vitest';

import { GitError } from '@homeostat/git';

/** The error that a promise ends with. Anything but a GitError, and success, fails the test. */
export async function failure(promise: Promise<unknown>): Promise<GitError> {
  const outcome = await promise.then(
    (value) => value,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(GitError);
  return outcome as GitError;
}

/** The error that a call throws. */
export function thrown(call: () => unknown): GitError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(GitError);
    return error as GitError;
  }
  throw new Error('it did not throw');
}
