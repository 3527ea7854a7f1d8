/** Han text character by character, other text word by word: about the grain real models stream. */
export function tokensOf(text: string): string[] {
  return text.match(/[\p{Script=Han}]|[^\s\p{Script=Han}]+\s*|\s+/gu) ?? [];
}
