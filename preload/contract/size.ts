/**
 * About how many bytes `value` takes on the wire: binary and text by length, 8 for anything else. Stops counting once past
 * `limitBytes`, which also ends a cyclic value (structured clone can carry one).
 */
export function approximateBytes(value: unknown, limitBytes = Number.POSITIVE_INFINITY): number {
  let total = 0;
  const rest: unknown[] = [value];
  while (rest.length > 0 && total <= limitBytes) {
    const next = rest.pop();
    if (typeof next === 'string') total += next.length;
    else if (next instanceof ArrayBuffer || ArrayBuffer.isView(next)) total += next.byteLength;
    else {
      total += 8;
      if (Array.isArray(next)) for (const item of next) rest.push(item);
      else if (next instanceof Map || next instanceof Set) rest.push([...next]);
      else if (typeof next === 'object' && next !== null) {
        for (const [key, item] of Object.entries(next)) {
          total += key.length;
          rest.push(item);
        }
      }
    }
  }
  return total;
}
