/** A location in OCPI 2.2.1's form: one charging point, two connectors. */
export function location(fields: Record<string, unknown> = {}, evse: Record<string, unknown> = {}) {
  return {
    country_code: 'DE',
    party_id: 'ABC',
    id: 'DE*ABC*L1',
    publish: true,
    name: 'Rathaus',
    country: 'DEU',
    coordinates: { latitude: '48.5', longitude: '8.5' },
    directions: [
      { language: 'en', text: 'Behind the town hall' },
      { language: 'de-DE', text: 'Hinter dem Rathaus' },
    ],
    operator: { name: 'Stadtwerke', website: 'https://example.org' },
    owner: { name: 'Stadt' },
    help_phone: '+497032000',
    opening_times: {
      twentyfourseven: false,
      regular_hours: [{ weekday: 2, period_begin: '08:00', period_end: '20:00' }],
      exceptional_openings: [],
    },
    evses: [
      {
        uid: 'u*1',
        evse_id: 'DE*ABC*E1',
        status: 'BLOCKED',
        capabilities: ['RFID_READER'],
        connectors: [
          { id: '1', standard: 'DOMESTIC_F', max_voltage: 230, max_amperage: 16, max_electric_power: 3680 },
          {
            id: '2',
            standard: 'IEC_62196_T2',
            max_voltage: 400,
            max_amperage: 32,
            max_electric_power: 22000,
          },
        ],
        ...evse,
      },
    ],
    last_updated: '2022-01-11T20:00:00Z',
    ...fields,
  };
}
