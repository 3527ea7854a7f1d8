import { randomBytes, randomInt } from 'node:crypto';
import type { ProductChange, ProductRecord } from '../../../preload/contract/cloud/products.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import { Topic } from '../endpoint/topic.ts';
import type { DeviceStore, StoredProduct } from './device-store.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const ID_CHARACTERS = 10;
/** Dynamic registration takes the first 16 bytes of the text for an AES key; the console's are of this length. */
const SECRET_BYTES = 18;

/** The lab's products; one that was never made is known by its devices. */
export class Products {
  readonly #store: Pick<DeviceStore, 'saveProduct' | 'removeProduct'>;
  readonly #wallMs: () => number;
  readonly #ofDevices: () => Iterable<string>;
  readonly #products = new Map<string, StoredProduct>();

  readonly topic: Topic<ProductRecord[], ProductChange>;

  constructor(deps: {
    store: Pick<DeviceStore, 'saveProduct' | 'removeProduct'>;
    stored: readonly StoredProduct[];
    wallMs: () => number;
    /** Product ids of the devices there are. */
    ofDevices: () => Iterable<string>;
  }) {
    this.#store = deps.store;
    this.#wallMs = deps.wallMs;
    this.#ofDevices = deps.ofDevices;
    for (const product of deps.stored) this.#products.set(product.productId, product);
    this.topic = new Topic({ snapshot: () => this.list() });
  }

  list(): ProductRecord[] {
    const ids = new Set([...this.#products.keys(), ...this.#ofDevices()]);
    return [...ids].sort().map((productId) => this.get(productId));
  }

  get(productId: string): ProductRecord {
    const { secret, createdWallMs, ...visible } = this.#products.get(productId) ?? { ...implied(productId), createdWallMs: null };
    return { ...visible, hasSecret: secret !== null, createdWallMs };
  }

  secret(productId: string): { secret: string; isOpen: boolean } | undefined {
    const product = this.#products.get(productId);
    return product === undefined || product.secret === null ? undefined : { secret: product.secret, isOpen: product.isOpen };
  }

  async put({ productId, ...changes }: CallBody<'products.put'>): Promise<ProductRecord> {
    const id = productId ?? this.#freeId();
    const known = this.#products.get(id) ?? { ...implied(id), createdWallMs: this.#wallMs() };
    const { name = known.name, authentication = known.authentication, isOpen = known.isOpen } = changes;
    return this.#save({ ...known, name, authentication, isOpen });
  }

  /** Undefined: a new one is made up, and returned this once. */
  async setSecret(productId: string, secret?: string | null): Promise<{ product: ProductRecord; generatedSecret?: string }> {
    const known = this.#products.get(productId) ?? { ...implied(productId), createdWallMs: this.#wallMs() };
    if (secret !== undefined) return { product: await this.#save({ ...known, secret }) };
    const generatedSecret = randomBytes(SECRET_BYTES).toString('base64');
    return { product: await this.#save({ ...known, secret: generatedSecret }), generatedSecret };
  }

  /** Without its devices, which are the caller's. Throws TalkError 'not-found'. */
  async remove(productId: string): Promise<void> {
    const isKnown = this.#products.has(productId) || [...this.#ofDevices()].includes(productId);
    if (!isKnown) throw new TalkError('not-found', { what: 'product', id: productId });
    const last = this.get(productId);
    await this.#store.removeProduct(productId);
    this.#products.delete(productId);
    this.topic.publish({ ...last, isRemoved: true });
  }

  /** A product that is known by its devices alone came to be, or ceased to. */
  impliedChanged(productId: string, isThere: boolean): void {
    if (this.#products.has(productId)) return;
    this.topic.publish({ ...this.get(productId), ...(isThere ? {} : { isRemoved: true as const }) });
  }

  async #save(product: StoredProduct): Promise<ProductRecord> {
    await this.#store.saveProduct(product);
    this.#products.set(product.productId, product);
    const record = this.get(product.productId);
    this.topic.publish(record);
    return record;
  }

  #freeId(): string {
    const taken = new Set([...this.#products.keys(), ...this.#ofDevices()]);
    for (;;) {
      const id = Array.from({ length: ID_CHARACTERS }, () => alphabet[randomInt(alphabet.length)]).join('');
      if (!taken.has(id)) return id;
    }
  }
}

function implied(productId: string): Omit<StoredProduct, 'createdWallMs'> {
  return { productId, name: '', authentication: 'key', isOpen: false, secret: null };
}
