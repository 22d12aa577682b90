import { envelope, field, MAGIC, message, varint } from './bytes.ts';

/** A body for ConfigMaps, and what a server answers to its dry run. */
export interface HostileCase {
  readonly title: string;
  readonly body: Uint8Array;
  readonly code: number;
  /** Absent where there is nothing to say. */
  readonly message?: string | RegExp;
}

const named = (name: string): Buffer => field(1, field(1, name));
const typed = (raw: Uint8Array): Buffer =>
  Buffer.concat([MAGIC, field(1, message(field(1, 'v1'), field(2, 'ConfigMap'))), raw]);
const unreadable = (why: string): RegExp =>
  new RegExp(String.raw`^the object provided is unrecognized \(must be of type ConfigMap\): ${why}`);
const unfit = (why: string): string => `ConfigMap in version "v1" cannot be handled as a ConfigMap: ${why}`;
const m = named('m');

const table: readonly (readonly [string, Uint8Array, number, (string | RegExp)?])[] = [
  ['nothing', Buffer.alloc(0), 400, unreadable(String.raw`empty data \(<empty>\)$`)],
  ['no more than the first bytes', MAGIC, 400, unreadable(String.raw`empty body \(6b387300\)$`)],
  [
    'something else',
    Buffer.from('garbage'),
    400,
    unreadable(
      String.raw`provided data does not appear to be a protobuf message, expected prefix \[107 56 115 0\] \(67617262616765\)$`,
    ),
  ],
  [
    'an envelope that ends early',
    envelope('v1', 'ConfigMap', m).subarray(0, -2),
    400,
    unreadable(String.raw`unexpected EOF \(6b38`),
  ],
  ['a length beyond the end', typed(Buffer.concat([varint(18), varint(2n ** 62n)])), 400, unreadable('unexpected EOF')],
  [
    'a negative length',
    typed(Buffer.concat([varint(18), varint(-1n)])),
    400,
    unreadable('proto: negative length found during unmarshaling'),
  ],
  ['no type', Buffer.concat([MAGIC, field(2, m)]), 201],
  ['no kind', envelope('v1', '', m), 201],
  ['a version with two slashes', envelope('a/b/c', 'ConfigMap', m), 201],
  [
    'no name',
    envelope('v1', 'ConfigMap'),
    422,
    'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  ],
  [
    'another kind',
    envelope('v1', 'Secret', m),
    400,
    'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
  ],
  [
    'a kind that is none',
    envelope('v1', 'Foo', m),
    400,
    'Foo in version "v1" cannot be handled as a ConfigMap: no kind "Foo" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
  ],
  [
    'a version that is none',
    envelope('v2', 'ConfigMap', m),
    400,
    'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/runtime/scheme.go:111"',
  ],
  ['a message that ends early', envelope('v1', 'ConfigMap', m.subarray(0, -1)), 400, unfit('unexpected EOF')],
  [
    'a map that is a number',
    envelope('v1', 'ConfigMap', m, field(2, 1)),
    400,
    unfit('proto: wrong wireType = 0 for field Data'),
  ],
  [
    'metadata that is a number',
    envelope('v1', 'ConfigMap', field(1, 1)),
    400,
    unfit('proto: wrong wireType = 0 for field ObjectMeta'),
  ],
  ['field 0', envelope('v1', 'ConfigMap', m, varint(0)), 400, unfit('proto: ConfigMap: illegal tag 0 (wire type 0)')],
  [
    'the end of a group',
    envelope('v1', 'ConfigMap', m, varint(12)),
    400,
    unfit('proto: ConfigMap: wiretype end group for non-group'),
  ],
  [
    'a number without end',
    envelope('v1', 'ConfigMap', m, Buffer.alloc(11, 0xff)),
    400,
    unfit('proto: integer overflow'),
  ],
  [
    'a group that goes on',
    envelope('v1', 'ConfigMap', m, varint(99 * 8 + 3), field(5, 'x')),
    400,
    unfit('unexpected EOF'),
  ],
  [
    'a wire type that is none',
    envelope('v1', 'ConfigMap', m, varint(99 * 8 + 7)),
    400,
    unfit('proto: illegal wireType 7'),
  ],
  ['an unknown field', envelope('v1', 'ConfigMap', m, field(99, 'x')), 201],
  ['an unknown group', envelope('v1', 'ConfigMap', m, varint(99 * 8 + 3), field(5, 'x'), varint(99 * 8 + 4)), 201],
];

export const hostileCases: readonly HostileCase[] = table.map(([title, body, code, said]) => ({
  title,
  body,
  code,
  ...(said !== undefined && { message: said }),
}));
