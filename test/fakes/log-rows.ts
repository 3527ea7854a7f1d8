import fc from 'fast-check';

const word = fc.constantFrom('wifi', 'mqtt', 'main.c', 'panic');
/** Rows of a log as they come, with and without each of their facts. */
export const anyRow = fc.record(
  {
    port: fc.constantFrom('COM7', 'COM8'),
    text: fc.constantFrom('', 'up', '唤醒 😀'),
    level: fc.constantFrom('error' as const, 'warn' as const, 'info' as const),
    tag: word,
    file: word,
    function: word,
    event: word,
    atUs: fc.nat(),
    deviceMs: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    deviceTime: fc.string(),
    continues: fc.constant(0),
    payload: fc.jsonValue(),
    colours: fc.constantFrom([[0, 1, 32]], [[0, 2, 31]]),
    offset: fc.nat(),
    isRepeat: fc.boolean(),
  },
  { requiredKeys: ['port', 'text'], noNullPrototype: true },
);
