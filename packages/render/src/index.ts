/**
 * Files to desired Kubernetes objects: YAML and JSON as Kubernetes itself reads them, with the place of every object and
 * of everything that is wrong. Pure: files come in through a reader, nothing else does.
 *
 * @packageDocumentation
 */
export { render } from './render.ts';
export type {
  CustomContext,
  CustomSpec,
  Desired,
  ManifestSpec,
  Origin,
  Rendered,
  RenderOptions,
  RenderSpec,
} from './render.ts';
export type { FileEntry, FileReader } from './choose-files.ts';
export { resolveScopes } from './resolve-scopes.ts';
export type { ScopeOptions } from './resolve-scopes.ts';
export { createRenderMemo } from './memo.ts';
export type { MemoCounts, MemoOptions, RenderMemo } from './memo.ts';
export { printFindingOrigin } from './finding.ts';
export type { Finding, FindingCode, FindingOrigin, Severity } from './finding.ts';
export { RenderError } from './error.ts';
export type { RenderErrorCode } from './error.ts';
export { defaultLimits } from './limits.ts';
export type { Limits } from './limits.ts';
export { parseYaml } from './parse-yaml.ts';
export type { ParsedYaml, YamlDocument } from './parse-yaml.ts';
export type { NodePath } from './positions.ts';
export { toYaml } from './to-yaml.ts';
