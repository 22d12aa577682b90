import { compareText } from './ref.ts';

/** All requirements must hold; an empty selector matches everything. */
export type LabelSelector = readonly LabelRequirement[];

/** `values` are sorted and distinct. Source: Kubernetes `labels.Requirement`. */
export type LabelRequirement =
  | { readonly operator: 'in' | 'notin'; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: '=' | '!='; readonly key: string; readonly value: string }
  | { readonly operator: 'exists' | 'absent'; readonly key: string }
  | { readonly operator: '>' | '<'; readonly key: string; readonly value: bigint };

const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?';
const LABEL_NAME = new RegExp(`^${NAME}$`);
const DOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const REQUIREMENT = /^\s*(!)?\s*([^\s=!<>(),]+)\s*(?:(==|=|!=|>|<)\s*([^\s=!<>(),]*)|(in|notin)\s*\(([^()]*)\))?\s*$/;
const INTEGER = /^[0-9]{1,19}$/;

/**
 * Reads a label selector as Kubernetes does: `app=web`, `app==web`, `tier!=db`, `env in (a, b)`, `env notin (a)`, `key`,
 * `!key`, `cpus>4`, joined by commas. Requirements come back sorted by key.
 *
 * @throws {TypeError} that names the requirement which cannot be read.
 */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.trim() === '') return [];
  return splitOutsideParentheses(text)
    .map((part) => parseRequirement(part, text))
    .sort((a, b) => compareText(a.key, b.key));
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function parseRequirement(part: string, text: string): LabelRequirement {
  const match = REQUIREMENT.exec(part);
  if (!match)
    throw unreadable(part, text, 'expected key, !key, key=value, key!=value, key in (a,b) or key notin (a,b)');
  const [, not, key = '', operator, value = '', setOperator, list = ''] = match;
  if (!isLabelKey(key)) throw unreadable(part, text, `"${key}" is not a label key`);

  if (setOperator === 'in' || setOperator === 'notin') {
    if (not !== undefined) throw unreadable(part, text, '"!" stands before a key alone');
    const values = [...new Set(list.split(',').map((item) => item.trim()))].sort(compareText);
    const wrong = values.find((item) => !isLabelValue(item));
    if (wrong !== undefined) throw unreadable(part, text, `"${wrong}" is not a label value`);
    return { operator: setOperator, key, values };
  }
  if (operator === undefined) return { operator: not === undefined ? 'exists' : 'absent', key };
  if (not !== undefined) throw unreadable(part, text, '"!" stands before a key alone');
  if (operator === '>' || operator === '<') {
    if (!INTEGER.test(value)) throw unreadable(part, text, `"${value}" is not an integer`);
    return { operator, key, value: BigInt(value) };
  }
  if (!isLabelValue(value)) throw unreadable(part, text, `"${value}" is not a label value`);
  return { operator: operator === '!=' ? '!=' : '=', key, value };
}

function unreadable(part: string, text: string, why: string): TypeError {
  return new TypeError(`cannot read "${part.trim()}" in the label selector "${text}": ${why}`);
}

/** Source: Kubernetes `IsQualifiedName`. */
function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const domain = slash < 0 ? undefined : key.slice(0, slash);
  if (domain !== undefined && (domain.length > 253 || !DOMAIN.test(domain))) return false;
  return name.length <= 63 && LABEL_NAME.test(name);
}

/** Source: Kubernetes `IsValidLabelValue`. */
function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && LABEL_NAME.test(value));
}

/** Whether labels satisfy a selector. `!=` and `notin` hold for an object that lacks the key, as in Kubernetes. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>> | undefined): boolean {
  return selector.every((requirement) => matchesLabel(requirement, labelOf(labels, requirement.key)));
}

function labelOf(labels: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function matchesLabel(requirement: LabelRequirement, label: string | undefined): boolean {
  switch (requirement.operator) {
    case 'exists':
      return label !== undefined;
    case 'absent':
      return label === undefined;
    case '=':
      return label === requirement.value;
    case '!=':
      return label !== requirement.value;
    case 'in':
      return label !== undefined && requirement.values.includes(label);
    case 'notin':
      return label === undefined || !requirement.values.includes(label);
    case '>':
      return label !== undefined && INTEGER.test(label) && BigInt(label) > requirement.value;
    case '<':
      return label !== undefined && INTEGER.test(label) && BigInt(label) < requirement.value;
    default:
      return requirement satisfies never;
  }
}

/** The text that {@link parseLabelSelector} reads back to the same selector. */
export function printLabelSelector(selector: LabelSelector): string {
  return selector.map(printRequirement).join(',');
}

function printRequirement(requirement: LabelRequirement): string {
  switch (requirement.operator) {
    case 'exists':
      return requirement.key;
    case 'absent':
      return `!${requirement.key}`;
    case 'in':
    case 'notin':
      return `${requirement.key} ${requirement.operator} (${requirement.values.join(',')})`;
    case '=':
    case '!=':
    case '>':
    case '<':
      return `${requirement.key}${requirement.operator}${requirement.value}`;
    default:
      return requirement satisfies never;
  }
}

/** All requirements must hold; an empty selector matches everything. */
export type FieldSelector = readonly FieldRequirement[];

export interface FieldRequirement {
  readonly operator: '=' | '!=';
  /** The name of a field as the API server knows it: `metadata.name`, `status.phase`. */
  readonly field: string;
  readonly value: string;
}

/**
 * Reads a field selector as Kubernetes does: `metadata.name=web,status.phase!=Running`. In values a backslash escapes a
 * comma, an equals sign and a backslash. Requirements come back sorted by field.
 *
 * @throws {TypeError} that names the requirement which cannot be read.
 */
export function parseFieldSelector(text: string): FieldSelector {
  return splitUnescaped(text)
    .filter((part) => part !== '')
    .map((part) => parseFieldRequirement(part, text))
    .sort((a, b) => compareText(a.field, b.field));
}

function splitUnescaped(text: string): string[] {
  return text.match(/(?:\\.|[^,\\])+|\\$/gs) ?? [];
}

function parseFieldRequirement(part: string, text: string): FieldRequirement {
  const match = /^((?:[^=!]|!(?!=))*)(!=|==|=)((?:\\[\\,=]|[^\\,=])*)$/s.exec(part);
  if (!match) {
    throw new TypeError(
      `cannot read "${part}" in the field selector "${text}": expected field=value or field!=value, with \\ before a comma, an equals sign or a backslash in the value`,
    );
  }
  const [, field = '', operator, value = ''] = match;
  return { operator: operator === '!=' ? '!=' : '=', field, value: value.replaceAll(/\\([\\,=])/g, '$1') };
}

/** Whether an object's selectable fields satisfy a selector. A field that is not there counts as empty, as in Kubernetes. */
export function matchesFields(selector: FieldSelector, fields: Readonly<Record<string, string>>): boolean {
  return selector.every(({ operator, field, value }) => {
    const actual = Object.hasOwn(fields, field) ? fields[field] : '';
    return (actual === value) === (operator === '=');
  });
}

/** The text that {@link parseFieldSelector} reads back to the same selector. */
export function printFieldSelector(selector: FieldSelector): string {
  return selector
    .map(({ operator, field, value }) => `${field}${operator}${value.replaceAll(/[\\,=]/g, '\\$&')}`)
    .join(',');
}
