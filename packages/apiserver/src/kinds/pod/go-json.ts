/** JSON as Go writes it: three characters that could end a script in HTML are escaped. */
export function goJson(value: unknown, indent = ''): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.replaceAll(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
