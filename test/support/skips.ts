/** Why a test may be skipped. A skip for any other reason, or for none, fails the run. */
export interface SkipReason {
  readonly text: string;
  /** Whether it also holds in CI, where everything that a test may need is there. */
  readonly inCi: boolean;
}

export const skipReasons = {
  noControlPlane: {
    text: 'needs a Kubernetes control plane: install Go and openssl, or set KUBEBUILDER_ASSETS',
    inCi: false,
  },
  noControllers: {
    text: 'needs controllers, and this control plane is bare: install Go and unset KUBEBUILDER_ASSETS',
    inCi: false,
  },
  noKubectl: {
    text: 'needs kubectl, which runs in the cluster tests',
    inCi: true,
  },
  noOldKubectl: {
    text: 'needs kubectl 1.32: install it',
    inCi: true,
  },
  noWorkloads: {
    text: 'needs workloads that roll out, and nobody plays them here',
    inCi: true,
  },
  noPolicies: {
    text: 'needs rules in CEL, which the in-memory server does not judge',
    inCi: true,
  },
  noAggregation: {
    text: 'needs API servers behind an APIService, which the in-memory server does not ask',
    inCi: true,
  },
  noEtcd: {
    text: 'needs a habit of the storage that the in-memory server has not',
    inCi: true,
  },
  noSuchController: {
    text: 'needs a controller that the in-memory server does not play',
    inCi: true,
  },
  noCompression: {
    text: 'needs compressed answers, which the in-memory server does not give',
    inCi: true,
  },
  noCertificateFile: {
    text: 'needs the files of a control plane',
    inCi: true,
  },
} as const satisfies Record<string, SkipReason>;

export type SkipName = keyof typeof skipReasons;

/** What is wrong with a skip, or `undefined` when the table allows it. */
export function skipProblem(note: string | undefined, ci: boolean): string | undefined {
  if (note === undefined) return 'skipped without a reason: use context.skip(skipReasons.….text)';
  const reason: SkipReason | undefined = Object.values(skipReasons).find(({ text }) => text === note);
  if (reason === undefined) return `skipped for a reason that test/support/skips.ts does not list: ${note}`;
  return ci && !reason.inCi ? `skipped in CI, where nothing may be missing: ${note}` : undefined;
}
