import type { FieldError } from '../../field-error.ts';
import { invalid, required, tooLong } from '../../field-error.ts';
import { byteLength, dnsLabelErrors, dnsSubdomainErrors } from '../meta/formats.ts';

/** The name of a signer of certificates: `example.com/signer-name`. */
export function validateSignerName(name: string, field: string): FieldError[] {
  if (name === '') return [required(field)];
  const [domain = '', path, ...more] = name.split('/');
  if (path === undefined || more.length > 0) {
    const text = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(field, name, text)];
  }
  const errors: FieldError[] = byteLength(domain) > 253 ? [tooLong(field, 253)] : [];
  errors.push(...validateParts(domain, dnsLabelErrors, field));
  if (!domain.includes('.')) {
    errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  }
  errors.push(...validateParts(path, dnsSubdomainErrors, field));
  return byteLength(name) > 571 ? [...errors, tooLong(field, 571)] : errors;
}

/** The errors of the first part that has any. */
function validateParts(value: string, rule: (part: string) => readonly string[], field: string): FieldError[] {
  const wrong = value.split('.').find((part) => rule(part).length > 0);
  if (wrong === undefined) return [];
  return rule(wrong).map((text) => invalid(field, value, `validating label ${JSON.stringify(wrong)}: ${text}`));
}
