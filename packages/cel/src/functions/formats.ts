import type { Environment } from '@marcbachmann/cel-js';
import { Optional } from '@marcbachmann/cel-js';
import { register, registerNamespace, registerValue } from './register.ts';

class CelFormat {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  equals(other: unknown): boolean {
    return other instanceof CelFormat && other.name === this.name;
  }
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const UUID = /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/;
const DATE = /^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Whether a text is of that format. Source: Kubernetes `apiserver/pkg/cel/library/format.go`. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  dns1123Label: (text) => text.length <= 63 && LABEL.test(text),
  dns1123Subdomain: (text) => text.length <= 253 && SUBDOMAIN.test(text),
  dns1035Label: (text) => text.length <= 63 && DNS1035.test(text),
  // A prefix of a generated name may end with a dash.
  dns1123LabelPrefix: (text) => text.length <= 63 && LABEL.test(text.replace(/-$/, 'a')),
  dns1123SubdomainPrefix: (text) => text.length <= 253 && SUBDOMAIN.test(text.replace(/-$/, 'a')),
  dns1035LabelPrefix: (text) => text.length <= 63 && DNS1035.test(text.replace(/-$/, 'a')),
  qualifiedName: isQualifiedName,
  labelValue: (text) => text.length <= 63 && LABEL_VALUE.test(text),
  uuid: (text) => UUID.test(text),
  byte: (text) => BASE64.test(text),
  date: (text) => DATE.test(text) && !Number.isNaN(Date.parse(text)),
  datetime: (text) =>
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text)),
};

export function registerFormats(environment: Environment): void {
  const type = 'kubernetes.NamedFormat';
  registerValue(environment, type, CelFormat);
  registerNamespace(environment, 'format', {
    [`named(string): optional<${type}>`]: (name: string) =>
      Object.hasOwn(FORMATS, name) ? Optional.of(new CelFormat(name)) : Optional.none(),
    ...Object.fromEntries(Object.keys(FORMATS).map((name) => [`${name}(): ${type}`, () => new CelFormat(name)])),
  });
  register(environment, {
    [`${type}.validate(string): optional<list<string>>`]: ({ name }: CelFormat, text: string) =>
      FORMATS[name]?.(text) === true ? Optional.none() : Optional.of([`must be a ${name}`]),
  });
}

function isQualifiedName(text: string): boolean {
  const [name = '', prefix, ...more] = text.split('/').toReversed();
  const isNamed = name !== '' && name.length <= 63 && LABEL_VALUE.test(name);
  return isNamed && more.length === 0 && (prefix === undefined || (prefix.length <= 253 && SUBDOMAIN.test(prefix)));
}
