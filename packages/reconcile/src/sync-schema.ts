/**
 * The document that describes a sync, as JSON Schema (draft 2020-12 vocabulary that draft-07 shares): for files now, for the
 * agent's configuration later. Durations are Go durations (`30s`, `10m`). Every policy of {@link Policy} is here.
 */
export const syncSchema: Readonly<Record<string, unknown>> = {
  $id: 'https://homeostat.dev/schemas/sync.json',
  title: 'Sync',
  description: 'One source, one set of objects in a cluster, one policy.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'source'],
  properties: {
    name: {
      type: 'string',
      pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
      maxLength: 253,
      description: 'Names the set. Its parent is the ConfigMap of this name.',
    },
    namespace: {
      type: 'string',
      pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
      maxLength: 63,
      description: "Where the parent lives, and the namespace of objects that name none. Default: the context's.",
    },
    source: {
      type: 'object',
      additionalProperties: false,
      required: ['url'],
      description: 'Where the manifests are.',
      properties: {
        url: {
          type: 'string',
          minLength: 1,
          description: 'https://…, git@host:path, file:///… or a path to a repository.',
        },
        ref: {
          type: 'string',
          minLength: 1,
          description: 'Branch, tag, full ref name or commit. Default: the default branch.',
        },
        directory: { type: 'boolean', description: 'Read the url as a plain directory, without Git.' },
        tokenFile: {
          type: 'string',
          minLength: 1,
          description: 'A file that holds the access token; read again when it changes.',
        },
        username: {
          type: 'string',
          minLength: 1,
          description: 'User name that goes with the token. Default: a bearer-like placeholder that hosts accept.',
        },
      },
    },
    path: { type: 'string', description: 'The folder in the source. Default: its root.' },
    include: { type: 'array', items: { type: 'string' }, description: 'Globs of files to read, relative to the path.' },
    exclude: { type: 'array', items: { type: 'string' }, description: 'Globs of files to leave out.' },
    suspend: { type: 'boolean', description: 'Look at nothing and write nothing.' },
    dependsOn: {
      type: 'array',
      description: 'Syncs that must be ready before this one moves on to another revision.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 253 },
          namespace: { type: 'string', minLength: 1, maxLength: 63, description: "Default: this sync's own." },
        },
      },
    },
    takeOver: { type: 'boolean', description: 'Let this source take over a set that another source made.' },
    impersonate: {
      type: 'object',
      additionalProperties: false,
      description: 'As whom everything about the objects of the set is done. Default: as whom the engine is.',
      properties: {
        serviceAccount: {
          type: 'string',
          pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$',
          maxLength: 253,
          description: 'A service account of the namespace of the sync.',
        },
        user: { type: 'string', minLength: 1, description: 'Any user, as system:serviceaccount:shop:deployer.' },
        groups: { type: 'array', items: { type: 'string', minLength: 1 }, description: 'Groups of the user.' },
        uid: { type: 'string', minLength: 1 },
        extra: {
          type: 'object',
          additionalProperties: { type: 'array', items: { type: 'string' } },
          description: 'Extra fields of the user, each a list.',
        },
      },
      oneOf: [
        { required: ['user'], not: { required: ['serviceAccount'] } },
        { required: ['serviceAccount'], propertyNames: { enum: ['serviceAccount'] } },
      ],
    },
    policy: {
      type: 'object',
      additionalProperties: false,
      properties: {
        interval: duration('How often everything is compared again without a new revision.'),
        poll: duration('How often the source is asked for a new revision.'),
        drift: {
          enum: ['repair', 'report', 'off'],
          description: 'What an edit of our fields by somebody else leads to.',
        },
        additions: {
          enum: ['ignore', 'report', 'remove'],
          description: 'What is done about what others put into our objects at places that we leave open.',
        },
        supersede: {
          type: 'boolean',
          description: 'A newer revision ends a pass that is under way, whatever that waits for.',
        },
        prune: { type: 'boolean', description: 'Delete members that the source no longer names.' },
        pruneKinds: {
          type: 'array',
          items: { type: 'string' },
          description:
            'Protected kinds that may be pruned, as Namespace or CustomResourceDefinition.apiextensions.k8s.io.',
        },
        allowEmpty: {
          type: 'boolean',
          description: 'Consent to prune everything when the source names nothing any more.',
        },
        pruneBudget: {
          type: 'object',
          additionalProperties: false,
          properties: { percent: { type: 'number', minimum: 0, maximum: 100 }, count: { type: 'integer', minimum: 0 } },
          description: 'More prunes than both in one pass are held.',
        },
        propagation: { enum: ['Background', 'Foreground', 'Orphan'], description: 'What a delete does to dependents.' },
        adopt: { enum: ['never', 'unowned', 'always'], description: 'Which existing objects may be taken.' },
        adoptFrom: {
          type: 'array',
          description:
            'Owners from which objects are taken over besides: other GitOps tools, and sets as set/<namespace>/<name>.',
          items: {
            type: 'string',
            pattern:
              '^(argocd|cli-utils|config-sync|flux|kapp|kubectl|set/[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$',
          },
        },
        conflicts: {
          enum: ['auto', 'force', 'fail', 'yield'],
          description: 'Who wins a field that another manager owns.',
        },
        onError: { enum: ['continue', 'stop'], description: 'stop: one refused object, and nothing is written.' },
        validate: { enum: ['server', 'none'], description: 'Whether changes pass a dry run first.' },
        fieldValidation: { enum: ['Strict', 'Warn', 'Ignore'], description: 'What unknown fields lead to.' },
        replace: {
          enum: ['never', 'on-immutable'],
          description: 'Delete and create anew what cannot be changed in place.',
        },
        replaceProtected: {
          type: 'boolean',
          description: 'Second consent: also kinds whose deletion deletes more than themselves.',
        },
        wait: { type: 'boolean', description: 'sync --once ends when every object is ready.' },
        health: {
          type: 'array',
          description: 'How far the objects of a kind are, in CEL over status, metadata, spec and self.',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['group', 'current'],
            properties: {
              group: { type: 'string', description: 'API group; "" is the core group.' },
              kind: {
                type: 'string',
                minLength: 1,
                description: 'Default: every kind of the group that no other rule names.',
              },
              current: { type: 'string', minLength: 1, description: 'True when the object is there.' },
              inProgress: {
                type: 'string',
                minLength: 1,
                description: 'Asked first: true as long as it is on its way.',
              },
              failed: { type: 'string', minLength: 1, description: 'Asked next: true when it will not get there.' },
            },
          },
        },
        unknownKind: {
          enum: ['current', 'wait-observed'],
          description: 'What an object of a foreign kind without any status is.',
        },
        waitTimeout: duration('How long one object may take without progress.'),
        deadline: duration('How long one pass may take.'),
        enforceNamespace: { type: 'boolean', description: 'Refuse objects of other namespaces.' },
        allow: {
          type: 'object',
          additionalProperties: false,
          description: 'Which objects the set may consist of.',
          properties: {
            kinds: patterns('Kinds, as ConfigMap, Deployment.apps or *.networking.k8s.io.'),
            namespaces: patterns('Namespaces, as shop or shop-*.'),
            clusterScoped: {
              type: 'boolean',
              description: 'Objects that live in no namespace. Default: only where namespaces is absent.',
            },
          },
        },
        deny: {
          type: 'object',
          additionalProperties: false,
          description: 'Which objects the set may not consist of, whatever is allowed.',
          properties: {
            kinds: patterns('Kinds, as for allow.'),
            namespaces: patterns('Namespaces, as for allow.'),
          },
        },
        ignore: {
          type: 'array',
          description: 'Fields left to others.',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['pointers'],
            properties: {
              pointers: {
                type: 'array',
                minItems: 1,
                items: { type: 'string' },
                description: 'JSON pointers; * stands for any key or item.',
              },
              select: {
                type: 'object',
                additionalProperties: false,
                properties: {
                  group: { type: 'string' },
                  kind: { type: 'string' },
                  name: { type: 'string' },
                  namespace: { type: 'string' },
                  labels: { type: 'string' },
                },
              },
            },
          },
        },
        manager: { type: 'string', minLength: 1, maxLength: 128, description: 'The field manager.' },
        formerManagers: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          description: 'Earlier names of the field manager.',
        },
      },
    },
  },
};

function patterns(description: string): Readonly<Record<string, unknown>> {
  return { type: 'array', items: { type: 'string', minLength: 1 }, description };
}

function duration(description: string): {
  readonly type: 'string';
  readonly format: 'go-duration';
  readonly description: string;
} {
  return { type: 'string', format: 'go-duration', description };
}
