import Type, { type TProperties, type TSchema } from 'typebox';

/** Returns the schema of an object without further fields, so that no field is ignored silently. */
export function closed<Properties extends TProperties>(
  properties: Properties,
  options: { minProperties?: number; maxProperties?: number } = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** Returns the schema of a map whose keys all match the pattern. */
export function recordOf<Value extends TSchema>(keyPattern: string, values: Value) {
  return Type.Record(Type.String({ pattern: keyPattern }), values, { additionalProperties: false });
}
