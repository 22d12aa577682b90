import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeCertificate } from '../../src/http/certificate.ts';
import { tlsPairProblem } from '../../src/kinds/tls-pair.ts';

const { cert, key } = makeCertificate(['127.0.0.1'], Date.parse('2026-01-01T00:00:00Z'));

test('a certificate and its own key belong together', () => {
  expect(tlsPairProblem(cert, key)).toBe(undefined);
});

test('what does not belong together is named as Go names it', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsa = other.privateKey.export({ type: 'pkcs8', format: 'pem' });
  expect(tlsPairProblem('', '')).toBe('tls: failed to find any PEM data in certificate input');
  expect(tlsPairProblem(key, cert)).toContain('PEM inputs may have been switched');
  expect(tlsPairProblem(cert, '')).toBe('tls: failed to find any PEM data in key input');
  expect(tlsPairProblem(cert, cert)).toBe('tls: found a certificate rather than a key in the PEM for the private key');
  expect(tlsPairProblem(key.replaceAll('PRIVATE KEY', 'A') + key.replaceAll('PRIVATE KEY', 'B'), key)).toContain(
    'PEM blocks of the following types: [A B]',
  );
  expect(tlsPairProblem(cert.replace(/\n./, '\n_'), key)).toBe('x509: malformed certificate');
  expect(tlsPairProblem(cert, key.replace(/\n./, '\n_'))).toBe('tls: failed to parse private key');
  expect([tlsPairProblem(cert, String(rsa))]).toEqual([expect.stringMatching(/private key (?:type )?does not match/)]);
});
