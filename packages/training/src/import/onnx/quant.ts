import { protobuf } from '@neuroprint/surrogate';

const { bytes, file, integer, message, text } = protobuf;

/** Domains under which exporters of quantised models write Quant and BipolarQuant. */
const DOMAINS = ['qonnx.custom_op.general', 'onnx.brevitas', 'finn.custom_op.general'];
const NAMES = ['Quant', 'BipolarQuant'];
/** Ways to round that are no operator of ONNX. */
const OTHER_ROUNDING = ['CEIL', 'FLOOR', 'ROUND_TO_ZERO', 'ROUND_UP', 'ROUND_DOWN', 'HALF_UP', 'HALF_DOWN'];
/** Local functions with defaults of their attributes, and the operators that they are made of. */
const [IR_VERSION, OPSET] = [9, 13];
const [FLOAT, INT] = [1, 2];

/**
 * A model with what Quant and BipolarQuant mean as local functions of its own, so that a runtime that does not know them runs it:
 * a message goes on where the file ends. The model as it is where it has none of them.
 */
export function withQuantFunctions(model: Uint8Array): Uint8Array {
  const whole = Buffer.from(model.buffer, model.byteOffset, model.byteLength);
  const domains = DOMAINS.filter((domain) => whole.includes(domain));
  const has = (texts: readonly string[]): boolean => texts.some((one) => whole.includes(one));
  if (domains.length === 0 || !has(NAMES) || has(OTHER_ROUNDING)) return model;
  return file(model, integer(1, IR_VERSION), ...domains.flatMap((domain) => [quant(domain), bipolar(domain)]));
}

function node(operator: string, inputs: readonly string[], output: string, ...attributes: Uint8Array[]): Uint8Array {
  return message(7, ...inputs.map((name) => text(1, name)), text(2, output), text(4, operator), ...attributes);
}

function definition(domain: string, name: string, inputs: readonly string[], ...fields: Uint8Array[]): Uint8Array {
  const opset = message(9, text(1, ''), integer(2, OPSET));
  return message(
    25,
    text(1, name),
    ...inputs.map((one) => text(4, one)),
    text(5, 'y'),
    ...fields,
    opset,
    text(10, domain),
  );
}

/** A number as a constant of the function. */
function number(name: string, value: number): Uint8Array {
  const raw = new Uint8Array(Float32Array.of(value).buffer);
  const tensor = message(5, integer(2, FLOAT), bytes(9, raw));
  return node('Constant', [], name, message(5, text(1, 'value'), tensor, integer(20, 4)));
}

/** An attribute of the call as a float. */
function attribute(name: string): Uint8Array[] {
  return [
    node('Constant', [], `${name}_int`, message(5, text(1, 'value_int'), integer(20, INT), text(21, name))),
    node('Cast', [`${name}_int`], name, message(5, text(1, 'to'), integer(3, FLOAT), integer(20, INT))),
  ];
}

/**
 * y = (clip(round(x/scale + zero), low, high) − zero)·scale with low = signed·(narrow − 2^(bits−1)) and
 * high = 2^(bits−signed) − 1 − (1 − signed)·narrow. Round is half to even, as QONNX's ROUND is.
 */
function quant(domain: string): Uint8Array {
  const fallback = (name: string, value: number) => message(11, text(1, name), integer(3, value), integer(20, INT));
  return definition(
    domain,
    'Quant',
    ['x', 'scale', 'zero', 'bits'],
    number('one', 1),
    number('two', 2),
    ...attribute('signed'),
    ...attribute('narrow'),
    node('Sub', ['bits', 'one'], 'less'),
    node('Pow', ['two', 'less'], 'half'),
    node('Sub', ['narrow', 'half'], 'lowest'),
    node('Mul', ['signed', 'lowest'], 'low'),
    node('Sub', ['bits', 'signed'], 'power'),
    node('Pow', ['two', 'power'], 'range'),
    node('Sub', ['range', 'one'], 'top'),
    node('Sub', ['one', 'signed'], 'unsigned'),
    node('Mul', ['unsigned', 'narrow'], 'narrowed'),
    node('Sub', ['top', 'narrowed'], 'high'),
    node('Div', ['x', 'scale'], 'scaled'),
    node('Add', ['scaled', 'zero'], 'shifted'),
    node('Round', ['shifted'], 'rounded'),
    node('Max', ['rounded', 'low'], 'above'),
    node('Min', ['above', 'high'], 'clipped'),
    node('Sub', ['clipped', 'zero'], 'centred'),
    node('Mul', ['centred', 'scale'], 'y'),
    fallback('signed', 1),
    fallback('narrow', 0),
  );
}

/** y = scale where x is 0 or more, else −scale. */
function bipolar(domain: string): Uint8Array {
  return definition(
    domain,
    'BipolarQuant',
    ['x', 'scale'],
    number('none', 0),
    node('GreaterOrEqual', ['x', 'none'], 'isAbove'),
    node('Neg', ['scale'], 'opposite'),
    node('Where', ['isAbove', 'scale', 'opposite'], 'y'),
  );
}
