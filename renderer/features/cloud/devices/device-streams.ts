import { useCallback } from 'react';
import type { ProductChange, ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import type { CallRecord, LiveDevice } from '../../../../preload/contract/cloud/twetalk.ts';
import { type Fold, useSharedPart, useSharedStream } from '../../../lib/shared-stream.ts';

export interface DeviceName {
  productId: string;
  deviceName: string;
}

const keyOf = ({ productId, deviceName }: DeviceName): string => `${productId}/${deviceName}`;

const productsFold: Fold<'products.state', ProductRecord[]> = {
  start: (snapshot) => snapshot,
  apply(state, items: ProductChange[]) {
    const byId = new Map(state.map((product) => [product.productId, product]));
    for (const { isRemoved, ...product } of items) {
      if (isRemoved === true) byId.delete(product.productId);
      else byId.set(product.productId, product);
    }
    return [...byId.values()];
  },
};

const liveFold: Fold<'device.live', ReadonlyMap<string, LiveDevice>> = {
  start: (snapshot) => new Map(snapshot.map((device) => [keyOf(device), device])),
  apply(state, items) {
    const next = new Map(state);
    for (const device of items) next.set(keyOf(device), device);
    return next;
  },
};

/** The newest first. */
const callsFold: Fold<'calls.state', CallRecord[]> = {
  start: (snapshot) => snapshot.toSorted((a, b) => b.startedWallMs - a.startedWallMs),
  apply(state, items) {
    const byId = new Map(state.map((call) => [call.callId, call]));
    for (const call of items) byId.set(call.callId, call);
    return [...byId.values()].sort((a, b) => b.startedWallMs - a.startedWallMs).slice(0, 200);
  },
};

export function useProducts(): ProductRecord[] | null {
  return useSharedStream('products.state', {}, productsFold);
}

/** Null for a device nothing was heard of since the bench started. */
export function useLiveDevice(device: DeviceName): LiveDevice | null {
  const key = keyOf(device);
  const pick = useCallback((all: ReadonlyMap<string, LiveDevice> | null) => all?.get(key) ?? null, [key]);
  return useSharedPart('device.live', {}, liveFold, pick);
}

export function useCalls(): CallRecord[] {
  return useSharedStream('calls.state', {}, callsFold) ?? noCalls;
}

const noCalls: CallRecord[] = [];
