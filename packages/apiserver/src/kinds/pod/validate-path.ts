import type { FieldError } from '../../field-error.ts';
import { invalid } from '../../field-error.ts';

/** A path that stays below the folder it starts from. */
export function validateRelativePath(path: string, field: string): FieldError[] {
  const errors = path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : [];
  return [...errors, ...validateNoBacksteps(path, field)];
}

/** A relative path that also keeps clear of the names that the kubelet uses for itself. */
export function validateFilePath(path: string, field: string): FieldError[] {
  const errors = validateRelativePath(path, field);
  return path.startsWith('..') && !path.startsWith('../')
    ? [...errors, invalid(field, path, "must not start with '..'")]
    : errors;
}

export function validateNoBacksteps(path: string, field: string): FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}
