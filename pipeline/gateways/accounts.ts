/** The lab's account at the clouds that are hosted here. Lookups are synchronous; secrets never leave the core. */
export interface CloudAccounts {
  /** Tencent Cloud's app id, which paths and requests of the speech services name. */
  appId(): string;
  /** The application of TRTC that callbacks and rooms name. */
  sdkAppId(): number;
  /** The key of a SecretId, for TC3 and request signatures; undefined for one nobody registered. */
  secretKey(secretId: string): string | undefined;
  /** Whether an app id may use the speech services. */
  isAppIdAllowed(appId: string): boolean;
  /** Whether a token of the speech services is one of the lab's. */
  isSpeechToken(token: string): boolean;
}

/** Between the bench and an MQTT broker of the lab's. */
export interface BrokerSecrets {
  /** The bench's own there; null without one. */
  brokerPassword(): string | null;
  /** What that broker shows when it asks the bench about a device. */
  brokerToken(): string;
}
