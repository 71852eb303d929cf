import { AmountMinor, Currency, Page, PageQuery, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

const summary = {
  id: Uuid,
  slug: Type.String(),
  name: Type.String(),
  priceMinor: AmountMinor,
  currency: Currency,
};

export const ProductSchema = Type.Object({
  ...summary,
  description: Type.String(),
  category: Type.String(),
  stock: Type.Integer({ minimum: 0, description: 'What can still be reserved.' }),
  recommendations: Type.Optional(
    Type.Array(Type.Object(summary), { description: 'Of the same category; from version v2 on.' }),
  ),
});

export const ProductPage = Page(ProductSchema);

export const ProductQuery = Type.Object(
  {
    ...PageQuery,
    q: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'Part of a name or description.' }),
    ),
    category: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  { additionalProperties: false },
);

export const ProductParams = Type.Object({ productId: Uuid });

export const CategoryList = Type.Object({
  items: Type.Array(Type.Object({ category: Type.String(), count: Type.Integer() })),
});
