import type { DraftMap } from '../../draft.ts';
import { mapsAt, numberAt, textAt } from '../../draft.ts';
import { item } from './rules.ts';

interface Port {
  readonly field: string;
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
  readonly hostPort: number;
  readonly hostIP: string;
}

/** Ports of a pod's containers that stand in each other's way, or can be mistaken for each other. */
export function portWarnings(containers: readonly (readonly [DraftMap, string])[]): readonly string[] {
  const ports = containers.flatMap(([container, field]) =>
    mapsAt(container, 'ports').map((port, index) => readPort(port, item(`${field}.ports`, index))),
  );
  return [...ports.flatMap((port, index) => clashes(port, ports.slice(0, index))), ...namesakes(ports)];
}

function readPort(port: DraftMap, field: string): Port {
  return {
    field,
    name: textAt(port, 'name'),
    number: numberAt(port, 'containerPort') ?? 0,
    protocol: textAt(port, 'protocol'),
    hostPort: numberAt(port, 'hostPort') ?? 0,
    hostIP: textAt(port, 'hostIP'),
  };
}

function clashes(port: Port, earlier: readonly Port[]): readonly string[] {
  const { field, name, number, protocol, hostPort, hostIP } = port;
  const shown = `{Name:${name} HostPort:${String(hostPort)} ContainerPort:${String(number)} Protocol:${protocol} HostIP:${hostIP}}`;
  const lonely = hostIP !== '' && hostPort === 0 ? [`${field}: hostIP set without hostPort: ${shown}`] : [];
  const same = earlier.filter((other) => other.number === number && other.protocol === protocol);
  return [
    ...lonely,
    ...same.flatMap((other) => {
      const kind = clashOf(port, other);
      return kind === undefined ? [] : [`${field}: ${kind} port definition with ${other.field}`];
    }),
  ];
}

function clashOf(port: Port, other: Port): string | undefined {
  if (port.hostIP === other.hostIP && port.hostPort === other.hostPort) return 'duplicate';
  if (port.hostPort === 0 || other.hostPort === 0) return 'overlapping';
  const oneIsOpen = (port.hostIP === '') !== (other.hostIP === '');
  return port.hostPort === other.hostPort && oneIsOpen ? 'dangerously ambiguous' : undefined;
}

function namesakes(ports: readonly Port[]): readonly string[] {
  return ports.flatMap((port, index) => {
    const first = ports.slice(0, index).find((other) => other.name === port.name);
    if (port.name === '' || first === undefined) return [];
    const text = `duplicate port name ${JSON.stringify(port.name)} with ${first.field}, services and probes that select ports by name will use ${first.field}`;
    return [`${port.field}: ${text}`];
  });
}
