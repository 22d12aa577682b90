import type { FieldPlan, StructPlan } from './plan.ts';

/** How a protobuf message of a struct is read. */
export interface MessagePlan {
  /** As errors call it. */
  readonly name: string;
  readonly fields: ReadonlyMap<number, MessageField>;
}

/** A field; or an embedded struct, which is a message of its own while JSON has its fields among those of the struct around it. */
export type MessageField =
  | { readonly kind: 'field'; readonly field: FieldPlan }
  | { readonly kind: 'embedded'; readonly message: MessagePlan };

/** Makes message plans of structs, each once. */
export function createMessagePlanner(): (struct: StructPlan) => MessagePlan {
  const plans = new Map<StructPlan, MessagePlan>();
  return (struct) => {
    let plan = plans.get(struct);
    if (plan === undefined) {
      const all = [...struct.fields.values()].filter(({ numbers }) => numbers.length > 0);
      plan = messageOf(struct.name, all, 0);
      plans.set(struct, plan);
    }
    return plan;
  };
}

/** `depth`: through how many embedded structs the fields are there. */
function messageOf(name: string, all: readonly FieldPlan[], depth: number): MessagePlan {
  const fields = new Map<number, MessageField>();
  const within = Map.groupBy(all, ({ numbers }) => numbers[depth] ?? 0);
  for (const [number, own] of within) {
    const [first] = own;
    if (first === undefined) continue;
    const isEmbedded = first.numbers.length > depth + 1;
    const embedded = first.trail.split('.')[depth] ?? '';
    fields.set(
      number,
      isEmbedded ? { kind: 'embedded', message: messageOf(embedded, own, depth + 1) } : { kind: 'field', field: first },
    );
  }
  return { name, fields };
}
