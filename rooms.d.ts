/** Rooms of src/, and those that each imports beside `runtime`. */
export const ROOMS: Record<string, readonly string[]>;
