/** A table for words from outside: it finds what stands in it and nothing else, where an object's literal also has a `constructor` and a `valueOf`. */
export function lookup<Value>(entries: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.freeze(Object.assign(Object.create(null) as Record<string, Value>, entries));
}
