import type { ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';

/** A list of thousands is narrowed by looking for something, not by drawing it. */
export const shownDevices = 200;
/** So many are all unfolded at once. */
const unfoldedDevices = 40;

interface ProductBranch {
  product: ProductRecord;
  online: number;
  total: number;
  /** Those to be drawn: none while it is folded. */
  devices: DeviceRecord[];
  /** More than can be drawn. */
  hidden: number;
}

/** Products with their devices as they are listed: those that hold the text sought, and the devices of the product that is open. */
export function deviceTree(
  products: readonly ProductRecord[],
  devices: readonly DeviceRecord[],
  { sought, openProductId }: { sought: string; openProductId: string | null },
): ProductBranch[] {
  const text = sought.trim().toLowerCase();
  const holds = (word: string): boolean => word.toLowerCase().includes(text);
  const byProduct = Map.groupBy(devices, ({ productId }) => productId);
  return products
    .toSorted((a, b) => titleOf(a).localeCompare(titleOf(b)))
    .flatMap((product) => {
      const own = (byProduct.get(product.productId) ?? []).toSorted((a, b) =>
        a.deviceName.localeCompare(b.deviceName, undefined, { numeric: true }),
      );
      const isNamed = text !== '' && (holds(product.productId) || holds(product.name));
      const found = text === '' || isNamed ? own : own.filter(({ deviceName }) => holds(deviceName));
      if (text !== '' && !isNamed && found.length === 0) return [];
      const isOpen = text !== '' || product.productId === openProductId || devices.length <= unfoldedDevices;
      const shown = isOpen ? found.slice(0, shownDevices) : [];
      return [
        {
          product,
          online: own.filter(({ isOnline }) => isOnline).length,
          total: own.length,
          devices: shown,
          hidden: isOpen ? found.length - shown.length : 0,
        },
      ];
    });
}

export function titleOf({ name, productId }: Pick<ProductRecord, 'name' | 'productId'>): string {
  return name === '' ? productId : name;
}
