import type { Gateway, GatewayDeps } from '../../../pipeline/gateways/gateway.ts';
import type { Observer } from '../../../pipeline/observer.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { AgentService } from '../agents/agents.ts';
import type { Devices } from '../devices/registry.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import type { EngineService } from '../engines/engines.ts';
import type { Log } from '../log.ts';
import type { RememberedSecrets } from '../settings/remembered-secrets.ts';
import type { SecretStore } from '../settings/secrets.ts';
import type { SettingsService } from '../settings/settings.ts';
import type { Store } from '../store/store.ts';
import type { AccountService } from './accounts.ts';

/** What the service of a hosted cloud is made with. */
export interface CloudServiceDeps {
  clock: Clock;
  observer: Observer;
  store: Store;
  secrets: SecretStore;
  /** What was typed and passes through: taken out of logs and exports like a kept secret. */
  remembered: Pick<RememberedSecrets, 'add' | 'addForNow' | 'addSignature'>;
  settings: SettingsService;
  devices: Devices;
  agents: AgentService;
  engines: EngineService;
  accounts: AccountService;
  dataDirectory: string;
  log: Log;
}

/** One hosted cloud as the core has it: its part of the contract, and its gateway once the listeners open. */
export interface CloudService<Calls extends keyof CallHandlers = never, Streams extends keyof StreamHandlers = never> {
  calls: Pick<CallHandlers, Calls>;
  streams: Pick<StreamHandlers, Streams>;
  /** Opens the device side; not called in a core without listeners. */
  start?(deps: GatewayDeps): Promise<Gateway>;
  /** Everything that happens on the bench. */
  observe?(event: PipelineEvent): void;
  close?(): Promise<void> | void;
}
