const hidden = '•••';

/**
 * Takes the password and the token out of what a board said: its own log repeats them in plain. As they are, as JSON escapes
 * them, and whatever stands behind the SDK's own labels, should the board have cut or changed it.
 */
export function createHide(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.filter((secret) => secret !== '').flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => {
    let shown = text;
    for (const form of longestFirst) shown = shown.replaceAll(form, hidden);
    return hideLabelled(shown);
  };
}

/**
 * For texts that come one after the other: takes out the rest of a secret of which the one before had the beginning, where a board
 * cut its log to the size of a message.
 */
export function createHideRest(secrets: readonly string[]): (text: string) => string {
  let before = '';
  return (text) => {
    const rests = secrets.flatMap((secret) =>
      Array.from({ length: Math.max(0, secret.length - 1) }, (_, index) => [secret.slice(0, index + 1), secret.slice(index + 1)] as const),
    );
    const cut = rests.find(([beginning, rest]) => before.endsWith(beginning) && text.startsWith(rest));
    before = text;
    return cut === undefined ? text : hidden + text.slice(cut[1].length);
  };
}

/**
 * For a log that was asked for later, when nobody knows the password any more. Neither expression goes back over what it has read: a
 * board may say sixty thousand characters of whatever it likes.
 */
export function hideLabelled(text: string): string {
  return text
    .replace(/("(?:password|passwd|psw|pwd|psk|token)"\s*:\s*")(?:[^"\\]|\\.)*/gi, `$1${hidden}`)
    .replace(/(?<![a-z0-9])(PASSWORD|PASSWD|PSW|PWD|PSK|TOKEN)(\s*[:=]\s*)[^\r\n]*?(?=\|(?:TOKEN|SSID)\b|[\r\n]|$)/gi, `$1$2${hidden}`);
}
