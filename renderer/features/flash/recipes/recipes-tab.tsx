export function RecipesTab(_props: Record<string, unknown>) {
  return null;
}
