import { request } from 'node:http';

/** One request on a connection of its own. */
export async function get(
  url: string,
  method = 'GET',
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; text: string }>();
  request(url, { method, agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => void (text += part));
    response.on('end', () => resolve({ status: response.statusCode, text }));
  })
    .on('error', reject)
    .end();
  return await promise;
}
