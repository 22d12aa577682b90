import { createApiServer } from '@homeostat/apiserver';
import type { Server } from './wire.ts';

/** The in-memory server, with a user who may do everything and one who may do nothing. */
export async function startMemoryServer(): Promise<Server & AsyncDisposable> {
  const [adminToken, userToken] = ['admin-token', 'user-token'];
  const server = await createApiServer({
    users: [
      { name: 'admin', uid: 'admin', groups: ['system:masters'], token: adminToken },
      { name: 'someone', uid: 'someone', groups: [], token: userToken },
    ],
  });
  // A kube-apiserver remembers nothing of what was before it began to serve a kind.
  server.expire();
  return {
    name: 'memory',
    url: server.url,
    adminToken,
    userToken,
    [Symbol.asyncDispose]: () => server.close(),
  };
}
