/** `${name}`: what a prompt or greeting leaves to be filled in (seed 000, 自定义变量; any name without spaces and braces). */
const place = /\$\{\s*([^\s{}]+)\s*\}/gu;

/** Whether anything is left to be filled in. */
export function hasPlaces(template: string): boolean {
  return template.includes('${');
}

/**
 * Fills the `${name}` places of a template from `variables`. An unknown one is left out and told to `onUnknown`. What a variable
 * brings is not looked into again.
 */
export function fillTemplate(template: string, variables: Readonly<Record<string, string>>, onUnknown?: (name: string) => void): string {
  return template.replaceAll(place, (_place, name: string) => {
    if (Object.hasOwn(variables, name)) return variables[name] ?? '';
    onUnknown?.(name);
    return '';
  });
}
