import { createHash, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import type { BrokerSecrets, CloudAccounts } from '../../../pipeline/gateways/accounts.ts';
import { BROKER_PREFIX, brokerQuestions } from '../../../pipeline/gateways/twetalk/broker-access.ts';
import { type Account, account as accountSchema } from '../../../preload/contract/cloud/accounts.ts';
import type { BrokerAccess } from '../../../preload/contract/cloud/broker.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { Store } from '../store/store.ts';

export interface AccountService extends CloudAccounts, BrokerSecrets {
  calls: Pick<CallHandlers, Extract<keyof CallHandlers, `accounts.${string}` | `broker.${string}`>>;
  streams: Pick<StreamHandlers, 'accounts.state'>;
}

const DOCUMENT = { kind: 'account', id: 'bench' } as const;
const fresh: Account = { appId: '1250000000', sdkAppId: 1_400_000_000, keys: [], allowedAppIds: [], speechTokens: [] };

/** In the SecretStore. */
const names = {
  key: (secretId: string) => `account/key/${secretId}`,
  speechToken: (id: string) => `account/speech-token/${id}`,
  brokerPassword: 'broker/password',
  brokerToken: 'broker/token',
};

/**
 * The lab's account at the clouds that are hosted here: what is shown of it is a document of the library, its secrets are in the
 * SecretStore and, since gateways ask at every request, in memory.
 */
export async function createAccounts(deps: {
  store: Pick<Store, 'read' | 'write'>;
  secrets: SecretStore;
  wallMs: () => number;
}): Promise<AccountService> {
  const { store, secrets, wallMs } = deps;
  const stored = (await store.read('document.list', { kind: DOCUMENT.kind })).find(({ id }) => id === DOCUMENT.id);
  let account = accountSchema.safeParse(stored?.body).data ?? fresh;
  const keys = await known(account.keys.map(({ secretId }) => [secretId, names.key(secretId)]));
  const speechTokens = await known(account.speechTokens.map(({ id }) => [id, names.speechToken(id)]));
  let brokerPassword = await secrets.get(names.brokerPassword);
  let brokerToken = (await secrets.get(names.brokerToken)) ?? (await newBrokerToken());
  const topic = new Topic<Account, Account>({ snapshot: () => account });
  /** One change after the other. */
  let changes: Promise<unknown> = Promise.resolve();

  async function known(entries: [string, string][]): Promise<Map<string, string>> {
    const found = await Promise.all(entries.map(async ([id, name]) => [id, await secrets.get(name)] as const));
    return new Map(found.flatMap(([id, secret]) => (secret === null ? [] : [[id, secret]])));
  }

  async function newBrokerToken(): Promise<string> {
    const token = randomBytes(24).toString('base64url');
    await secrets.set(names.brokerToken, token);
    return token;
  }

  function inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const changed = changes.then(change);
    changes = changed.catch(() => {});
    return changed;
  }

  async function save(next: Account): Promise<Account> {
    await store.write('document.save', { ...DOCUMENT, body: next, wallMs: wallMs() });
    account = next;
    topic.publish(account);
    return account;
  }

  const access = (): BrokerAccess => ({
    hasPassword: brokerPassword !== null,
    token: brokerToken,
    paths: Object.fromEntries(
      Object.entries(brokerQuestions).map(([question, path]) => [question, `${BROKER_PREFIX}${brokerToken}/${path}`]),
    ) as BrokerAccess['paths'],
  });

  return {
    appId: () => account.appId,
    sdkAppId: () => account.sdkAppId,
    secretKey: (secretId) => keys.get(secretId),
    isAppIdAllowed: (appId) => appId === account.appId || account.allowedAppIds.includes(appId),
    isSpeechToken: (token) => [...speechTokens.values()].map((one) => isSame(one, token)).includes(true),
    brokerPassword: () => brokerPassword,
    brokerToken: () => brokerToken,
    calls: {
      'accounts.get': async () => account,
      'accounts.update': ({ appId = account.appId, sdkAppId = account.sdkAppId, allowedAppIds = account.allowedAppIds }) =>
        inTurn(() => save({ ...account, appId, sdkAppId, allowedAppIds: [...new Set(allowedAppIds)] })),
      'accounts.addKey': ({ secretId = newSecretId(), secretKey, note }) =>
        inTurn(async () => {
          const generatedSecretKey = secretKey === undefined ? letters(32) : undefined;
          const key = secretKey ?? generatedSecretKey ?? '';
          await secrets.set(names.key(secretId), key);
          keys.set(secretId, key);
          const others = account.keys.filter((one) => one.secretId !== secretId);
          const changed = await save({ ...account, keys: [...others, { secretId, note, createdWallMs: wallMs() }] });
          return { account: changed, secretId, ...(generatedSecretKey === undefined ? {} : { generatedSecretKey }) };
        }),
      'accounts.removeKey': ({ secretId }) =>
        inTurn(async () => {
          const left = account.keys.filter((one) => one.secretId !== secretId);
          if (left.length === account.keys.length) throw new TalkError('not-found', { what: 'SecretId', id: secretId });
          keys.delete(secretId);
          const changed = await save({ ...account, keys: left });
          await secrets.remove(names.key(secretId));
          return changed;
        }),
      'accounts.addSpeechToken': ({ name, token }) =>
        inTurn(async () => {
          const id = randomUUID();
          const generatedToken = token === undefined ? randomBytes(24).toString('base64url') : undefined;
          const value = token ?? generatedToken ?? '';
          await secrets.set(names.speechToken(id), value);
          speechTokens.set(id, value);
          const changed = await save({ ...account, speechTokens: [...account.speechTokens, { id, name, createdWallMs: wallMs() }] });
          return { account: changed, id, ...(generatedToken === undefined ? {} : { generatedToken }) };
        }),
      'accounts.removeSpeechToken': ({ id }) =>
        inTurn(async () => {
          const left = account.speechTokens.filter((one) => one.id !== id);
          if (left.length === account.speechTokens.length) throw new TalkError('not-found', { what: 'speech token', id });
          speechTokens.delete(id);
          const changed = await save({ ...account, speechTokens: left });
          await secrets.remove(names.speechToken(id));
          return changed;
        }),
      'broker.access': async () => access(),
      'broker.setPassword': ({ password }) =>
        inTurn(async () => {
          if (password === null) await secrets.remove(names.brokerPassword);
          else await secrets.set(names.brokerPassword, password);
          brokerPassword = password;
          return access();
        }),
      'broker.newToken': () =>
        inTurn(async () => {
          brokerToken = await newBrokerToken();
          return access();
        }),
    },
    streams: { 'accounts.state': () => ({ topic }) },
  };
}

/** As Tencent Cloud's look: `AKID` and 32 letters and digits. */
function newSecretId(): string {
  return `AKID${letters(32)}`;
}

function letters(count: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** In the same time wherever, and however long, they differ. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
