import { plainAddress } from '../listen.ts';

/**
 * Whether a caller of the API may have the bench ask addresses of its choice, as StartAIConversation does: whose signature was checked, or
 * who is on this machine. Anybody else in the network would reach through the bench what they cannot reach themselves.
 */
export function isTrusted(signature: 'checked' | 'any', remoteAddress: string | undefined): boolean {
  if (signature === 'checked') return true;
  const address = plainAddress(remoteAddress ?? '');
  return address === '::1' || /^127\.\d+\.\d+\.\d+$/u.test(address);
}
