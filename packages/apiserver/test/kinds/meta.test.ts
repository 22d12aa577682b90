import { describe, expect, test } from 'vitest';
import type { Draft, DraftMap } from '../../src/draft.ts';
import { fieldErrorText } from '../../src/field-error.ts';
import type { FieldError } from '../../src/field-error.ts';
import {
  configKeyErrors,
  dnsLabelErrors,
  dnsSubdomainErrors,
  portNameErrors,
  qualifiedNameErrors,
} from '../../src/kinds/meta/formats.ts';
import { cidrContains, cidrErrors, ipErrors, legacyCidrErrors, parseCidr, parseIp } from '../../src/kinds/meta/ip.ts';
import { dnsSubdomainName, validateMetaCreate, validateMetaUpdate } from '../../src/kinds/meta/object-meta.ts';

const configMap = (metadata: DraftMap): Draft => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
const texts = (errors: readonly FieldError[]): readonly string[] =>
  errors.map((error) => `${error.field}: ${fieldErrorText(error)}`);

describe('formats', () => {
  test.each([
    [dnsLabelErrors, 'a-1', 0],
    [dnsLabelErrors, 'a.b', 1],
    [dnsLabelErrors, '-a', 1],
    [dnsLabelErrors, 'A'.repeat(64), 2],
    [dnsSubdomainErrors, 'a.b-c.1', 0],
    [dnsSubdomainErrors, 'a..b', 1],
    [qualifiedNameErrors, 'example.com/A_b.c', 0],
    [qualifiedNameErrors, 'a/b/c', 1],
    [qualifiedNameErrors, '/', 3],
    [configKeyErrors, '.a', 0],
    [configKeyErrors, '..a', 1],
    [configKeyErrors, '', 1],
    [portNameErrors, 'http-2', 0],
    [portNameErrors, '-1--', 3],
  ] as const)('%o: %s has %i faults', (check, value, faults) => {
    expect(check(value)).toHaveLength(faults);
  });
});

describe('addresses', () => {
  test.each([
    ['10.0.0.1', 'IPv4', '10.0.0.1'],
    ['010.0.0.1', 'IPv4', '10.0.0.1'],
    ['::ffff:10.0.0.1', 'IPv4', '10.0.0.1'],
    ['::', 'IPv6', '::'],
    ['2001:0DB8::0:1', 'IPv6', '2001:db8::1'],
    ['1:0:0:2:0:0:0:3', 'IPv6', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7:8', 'IPv6', '1:2:3:4:5:6:7:8'],
    ['64:ff9b::1.2.3.4', 'IPv6', '64:ff9b::102:304'],
  ])('%s is %s %s', (text, family, canonical) => {
    expect(parseIp(text)).toMatchObject({ family, canonical });
  });

  test.each(['', '1.2.3', '256.0.0.1', '1.2.3.4.5', 'a', ':::', '1::2::3', 'fe80::1%eth0', '1:2:3:4:5:6:7'])(
    '%o is none',
    (text) => {
      expect(parseIp(text)).toBeUndefined();
    },
  );

  test('one way of writing is canonical, and canonical texts have no faults', () => {
    for (const text of ['192.0.2.1', '2001:db8::1', '::1']) expect(ipErrors(text)).toEqual([]);
    expect(ipErrors('2001:DB8::1')).toEqual(['must be in canonical form ("2001:db8::1")']);
    expect(cidrErrors('2001:DB8::/64')).toEqual(['must be in canonical form ("2001:db8::/64")']);
    expect(legacyCidrErrors('10.0.0.1/8')).toEqual(['must not have bits set beyond the prefix length']);
    expect(legacyCidrErrors('10.0.0.0/08')).toEqual(['must not have leading 0s in IP or prefix length']);
    expect(legacyCidrErrors('10.0.0.0/33')).toHaveLength(1);
  });

  test('a network holds the addresses that begin as it does', () => {
    const holds = (cidr: string, ip: string): boolean => {
      const [network, address] = [parseCidr(cidr), parseIp(ip)];
      return network !== undefined && address !== undefined && cidrContains(network, address);
    };
    expect(holds('10.0.0.0/9', '10.127.255.255')).toBe(true);
    expect(holds('10.0.0.0/9', '10.128.0.0')).toBe(false);
    expect(holds('::/0', '2001:db8::1')).toBe(true);
    expect(holds('0.0.0.0/0', '::1')).toBe(false);
  });
});

describe('metadata', () => {
  test('a generated name is judged with letters to come', () => {
    expect(validateMetaCreate(configMap({ generateName: 'a-', name: 'a-x' }), dnsSubdomainName)).toEqual([]);
    const errors = validateMetaCreate(configMap({ generateName: 'AB-', name: 'AB-x' }), dnsSubdomainName);
    expect(errors.map(({ field }) => field)).toEqual(['metadata.generateName', 'metadata.name']);
  });

  test('an object that is being deleted gets no new finalizers, but may lose some', () => {
    const old = configMap({ name: 'a', resourceVersion: '1', deletionTimestamp: 't', finalizers: ['a.b/c', 'a.b/d'] });
    const next = (finalizers: readonly string[]): Draft => configMap({ ...old.metadata, finalizers });
    expect(validateMetaUpdate(next(['a.b/c']), old)).toEqual([]);
    expect(texts(validateMetaUpdate(next(['a.b/f', 'a.b/e', 'a.b/c']), old))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/e", "a.b/f"}',
    ]);
  });

  test('identity does not change', () => {
    const old = configMap({ name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: 't' });
    const next = configMap({ ...old.metadata, name: 'b', uid: 'v' });
    expect(texts(validateMetaUpdate(next, old))).toEqual([
      'metadata.name: Invalid value: "b": field is immutable',
      'metadata.uid: Invalid value: "v": field is immutable',
    ]);
  });

  test('an update names the version it replaces', () => {
    const old = configMap({ name: 'a', resourceVersion: '1' });
    expect(texts(validateMetaUpdate(configMap({ name: 'a' }), old))).toEqual([
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
    ]);
  });

  test('managed fields are of a known operation and type', () => {
    const managedFields = [{ operation: 'Replace', fieldsType: 'FieldsV2' }, {}];
    expect(texts(validateMetaCreate(configMap({ name: 'a', managedFields }), dnsSubdomainName))).toEqual([
      'metadata.managedFields[0].operation: Unsupported value: "Replace": supported values: "Apply", "Update"',
      'metadata.managedFields[0].fieldsType: Invalid value: "FieldsV2": must be `FieldsV1`',
      'metadata.managedFields[1].operation: Required value: must not be empty',
    ]);
  });
});
