/// <reference types="vite/client" />

interface Window {
  /** Resolves when no request, stream batch or frame is pending. End-to-end tests wait on it instead of sleeping. */
  talkbenchIdle(): Promise<void>;
}
