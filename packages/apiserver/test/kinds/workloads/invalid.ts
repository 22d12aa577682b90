import type { Case } from '../replay.ts';

export const invalidWorkloads: readonly Case[] = [];
