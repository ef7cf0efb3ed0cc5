/** A station as ChargeCloud wrote it in 2022: two charging points, three connectors. */
export function station2022() {
  return {
    id: '326',
    name: ' TankE -  Domplatte ',
    address: 'Trankgasse 1\r\n',
    city: 'Köln ',
    postal_code: '50667 ',
    country: 'DE',
    directions: 'Einfahrt;\r\n"links"',
    coordinates: { latitude: '50.941278', longitude: '6.958281' },
    distance_in_m: '0',
    operator: { name: ' RheinEnergie AG', hotline: '+4922134645600' },
    opening_times: {
      twentyfourseven: false,
      regular_hours: [
        { weekday: 'holiday', period_begin: '00:00:00', period_end: '00:00:00' },
        { weekday: 1, period_begin: '06:00:00', period_end: '02:00:00' },
      ],
    },
    owner: '',
    roaming: false,
    evses: [
      {
        uid: '303',
        id: 'DE*REK*E00025*001',
        status: 'CHARGING',
        capabilities: ['RFID_READER', 'REMOTE_START_STOP_CAPABLE'],
        physical_reference: '-',
        floor_level: 'Straße / Parkbucht',
        vehicle_type: 'four_wheeled',
        connectors: [
          {
            id: '447',
            status: 'CHARGING',
            standard: 'IEC_62196_T2',
            format: 'SOCKET',
            power_type: 'AC_3_PHASE',
            ampere: '32',
            voltage: '400',
            max_power: 22,
            tariff_id: null,
          },
          {
            id: '448',
            status: 'AVAILABLE',
            standard: 'DOMESTIC_F',
            format: 'SOCKET',
            power_type: 'AC_1_PHASE',
            ampere: '13',
            voltage: '230',
            max_power: 3,
            tariff_id: null,
          },
        ],
        chargePointPosition: 'rechts',
        chargePointPublicComment: null,
        chargePointParkingSpaceNumbers: '1-63',
        chargingStationPosition: 'Parkplatz',
        parkingsensor_status: 'OCCUPIED',
        roaming: false,
      },
      {
        uid: '304',
        id: 'DE*REK*E00025*002',
        status: 'AVAILABLE',
        capabilities: [],
        physical_reference: null,
        floor_level: '',
        vehicle_type: 'four_wheeled',
        connectors: [
          {
            id: '449',
            status: 'AVAILABLE',
            standard: 'CHADEMO',
            format: 'CABLE',
            power_type: 'DC',
            ampere: '125',
            voltage: '500',
            max_power: 50,
            tariff_id: null,
          },
        ],
        chargePointPosition: null,
        chargePointPublicComment: null,
        chargePointParkingSpaceNumbers: null,
        chargingStationPosition: null,
        roaming: false,
      },
    ],
  };
}

/** The same station with the fields added by 2024, without a field removed by then, and with another order of keys. */
export function station2024(): Record<string, unknown> {
  const { evses, operator, ...station } = station2022();
  const fields = {
    ...station,
    operator: { operatorId: 17, ...operator },
    evses: evses.map((evse) => ({ reservable: true, ...evse })),
    status: 'AVAILABLE',
    comment: null,
    tariffZones: [],
  };
  const kept = Object.entries(fields).filter(([field]) => field !== 'distance_in_m');
  return Object.fromEntries(kept.reverse());
}

/** Return the station with some fields of its first charging point replaced. */
export function withEvse(fields: Record<string, unknown>) {
  const station = station2022();
  const [first, ...others] = station.evses;
  return { ...station, evses: [{ ...first, ...fields }, ...others] };
}

/**
 * Return the station with some fields of its first charging point and of that charging point's first connector
 * replaced.
 */
export function withConnector(fields: Record<string, unknown>, ofPoint: Record<string, unknown> = {}) {
  const [first, ...others] = station2022().evses[0]?.connectors ?? [];
  return withEvse({ ...ofPoint, connectors: [{ ...first, ...fields }, ...others] });
}
