export function ProvisioningTab(_props: Record<string, unknown>) {
  return null;
}
