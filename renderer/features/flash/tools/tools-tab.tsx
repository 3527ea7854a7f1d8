export function ToolsTab(_props: Record<string, unknown>) {
  return null;
}
