import type { AudioPacket } from '../../../../preload/contract/events.ts';
import type { SessionExportFormat } from '../../../../preload/contract/sessions.ts';
import type { RedactionOptions } from '../../store/session-redaction.ts';

/** What the rows of a table are. */
export type TableContent = 'turns' | 'events' | 'notes';

/** What the store's thread is asked to write. */
export interface RenderRequest extends RedactionOptions {
  id: string;
  format: SessionExportFormat;
  /** The file to make; others beside it, named after it, are gone when it is done. */
  path: string;
  conversationId?: string | undefined;
  track?: AudioPacket['track'] | undefined;
  content?: TableContent | undefined;
  language?: 'en' | 'zh' | undefined;
}
