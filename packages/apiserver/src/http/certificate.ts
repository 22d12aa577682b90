import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface ServerCertificate {
  /** PEM: whom clients are to trust. */
  readonly ca: string;
  /** PEM: what the server shows, with its key. */
  readonly cert: string;
  readonly key: string;
}

const DAY = 86_400_000;

/**
 * A P-256 authority of its own and a certificate for `hosts` (names and addresses), valid from a day ago for ten years.
 * The authority's key is dropped: nothing else is ever signed with it.
 *
 * Source: RFC 5280; the few lines of DER are X.690's.
 */
export function makeCertificate(hosts: readonly string[], now: number): ServerCertificate {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = sequence(time(now - DAY), time(now + 3650 * DAY));
  const issuer = nameOf('homeostat-apiserver-ca');
  const ca = certificate({
    serial: 1,
    issuer,
    subject: issuer,
    validity,
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    extensions: [
      extension('551d13', true, sequence(TRUE)),
      extension('551d0f', true, bits(1, 0x06)),
      extension('551d0e', false, tlv(0x04, Buffer.from([1]))),
    ],
  });
  const cert = certificate({
    serial: 2,
    issuer,
    subject: nameOf('homeostat-apiserver'),
    validity,
    publicKey: leaf.publicKey,
    signer: authority.privateKey,
    extensions: [
      extension('551d0f', true, bits(7, 0x80)),
      extension('551d25', false, sequence(oid('2b06010505070301'))),
      extension('551d23', false, sequence(tlv(0x80, Buffer.from([1])))),
      extension('551d11', false, sequence(...hosts.map(alternativeName))),
    ],
  });
  return { ca, cert, key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface CertificateFields {
  readonly serial: number;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly validity: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate(fields: CertificateFields): string {
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([fields.serial])),
    algorithm,
    fields.issuer,
    fields.validity,
    fields.subject,
    createPublicKey(fields.publicKey.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...fields.extensions)),
  );
  const signature = tlv(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, fields.signer)]));
  const text = sequence(body, algorithm, signature).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${text.replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}

const TRUE = Buffer.from([0x01, 0x01, 0xff]);

function tlv(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'));
}

function bits(unused: number, byte: number): Buffer {
  return tlv(0x03, Buffer.from([unused, byte]));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [TRUE] : []), tlv(0x04, value));
}

function nameOf(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(commonName)))));
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5). */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.[0-9]+/g, '');
  return text < '2050' ? tlv(0x17, Buffer.from(text.slice(2))) : tlv(0x18, Buffer.from(text));
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 4
    ? tlv(0x87, Buffer.from(host.split('.').map(Number)))
    : isIP(host) === 6
      ? tlv(0x87, addressV6(host))
      : tlv(0x82, Buffer.from(host));
}

function addressV6(host: string): Buffer {
  const [head = '', tail = ''] = host.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((part) => parseInt(part, 16)));
  const before = groups(head);
  const after = groups(tail);
  const words = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Buffer.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}
