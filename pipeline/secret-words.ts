const secretWord = /key|secret|token|passw|credential|auth/iu;
const secretPlace = /\$\{secret:[^}]+\}/u;

/** Whether what is called so is likely a key: 'X-Api-Key', 'Authorization', 'accessToken'. */
export function isSecretName(name: string): boolean {
  return secretWord.test(name);
}

/** Whether the text has a secret filled in when it is used (`${secret:NAME}`), and so holds none itself. */
export function namesSecret(text: string): boolean {
  return secretPlace.test(text);
}

/** Whether a query's parameter of that name is a key: 'key', 'api_key', 'access_token'; not 'keyword' or 'author'. */
export function isKeyParameter(name: string): boolean {
  return /(?:^|[_.-])(?:key|secret|token|passw(?:or)?d|sign(?:ature)?|auth)$|apikey|accesskey|secretkey/iu.test(name);
}

/** The text with the values of those parameters of queries taken out, however their names are written: `%74oken=` is `token=` to a server. */
export function withoutParameters(text: string, isSecret: RegExp): string {
  return text.replaceAll(/([?&])([^=&?#\s"]{1,200})=([^&#\s"]*)/gu, (whole, mark: string, name: string) =>
    isSecret.test(decoded(name)) ? `${mark}${name}=[redacted]` : whole,
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' ')).trim();
  } catch {
    return name;
  }
}
