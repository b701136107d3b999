import * as route53 from 'aws-cdk-lib/aws-route53';

/** The users that a Region serves, by where they are. */
export class GeographicArea {
  public static readonly AFRICA = GeographicArea.continent('AF');
  public static readonly ASIA = GeographicArea.continent('AS');
  public static readonly EUROPE = GeographicArea.continent('EU');
  public static readonly NORTH_AMERICA = GeographicArea.continent('NA');
  public static readonly OCEANIA = GeographicArea.continent('OC');
  public static readonly SOUTH_AMERICA = GeographicArea.continent('SA');

  /**
   * Everybody on a continent.
   * @param code AF, AN, AS, EU, OC, NA or SA (Route 53 developer guide, geolocation values)
   */
  public static continent(code: string): GeographicArea {
    const continents: string[] = Object.values(route53.Continent);
    if (!continents.includes(code)) {
      throw new Error(`continent must be one of ${continents.join(', ')}, got: '${code}'`);
    }
    return new GeographicArea(`continent-${code}`, route53.GeoLocation.continent(code as route53.Continent));
  }

  /**
   * Everybody in a country; wins over the country's continent.
   * @param code two capital letters of ISO 3166-1, such as `DE`
   */
  public static country(code: string): GeographicArea {
    if (!/^[A-Z]{2}$/.test(code)) {
      throw new Error(`country must be two capital letters such as DE, got: '${code}'`);
    }
    return new GeographicArea(`country-${code}`, route53.GeoLocation.country(code));
  }

  private constructor(
    /** Name of the area, unique among areas. */
    public readonly key: string,
    /** The area as Route 53 has it. */
    public readonly location: route53.GeoLocation,
  ) {}
}
